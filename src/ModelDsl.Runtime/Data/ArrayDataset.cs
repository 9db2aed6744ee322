using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>
/// Examples in arrays, for classifiers, autoencoders and regressions: one array an input, found by the input's name,
/// example after example. Every epoch has its own shuffled order; a batch may span two epochs.
/// </summary>
/// <param name="examples">The number of examples in every array.</param>
/// <param name="validationShare">The share of examples at the end that is kept for validation.</param>
public sealed class ArrayDataset(int examples, double validationShare = 0) : IBatchSource
{
    private readonly Dictionary<string, Array> _arrays = [];
    private readonly int _validation = (int)(examples * validationShare);

    public string Fingerprint
    {
        get
        {
            var sample = new SampleChecksum();
            var all = new Checksum();
            foreach (var (name, array) in _arrays.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                all.Add(name);
                all.Add(Checksum.Of(array is float[] values ? MemoryMarshal.AsBytes(values.AsSpan()) : MemoryMarshal.AsBytes(((int[])array).AsSpan())));
                sample.Add(Philox.Stream(name));
                for (int i = 0; i < array.Length; i += Math.Max(1, array.Length / SampleChecksum.Elements))
                    sample.Add(array is float[] floats ? BitConverter.SingleToUInt32Bits(floats[i]) : (uint)((int[])array)[i]);
            }
            return $"{Training} + {_validation} examples, checksum {sample}, all {all.Value:x16}";
        }
    }

    private int Training => examples - _validation;

    /// <summary>Adds an input of floats: examples * (elements of one example).</summary>
    public ArrayDataset With(string input, float[] values) => Add(input, values);

    /// <summary>Adds an input of integers.</summary>
    public ArrayDataset With(string input, int[] values) => Add(input, values);

    public void Check(Batch shape)
    {
        if (Training <= 0)
            throw new DatasetException($"There are {examples} examples, {_validation} of them for validation: none is left to train on.");
        for (int input = 0; input < shape.Inputs.Count; input++)
        {
            var info = shape.Inputs[input];
            if (!_arrays.TryGetValue(info.Name, out var array))
                throw new DatasetException($"The model has an input '{info.Name}', the data have {string.Join(", ", _arrays.Keys)}.");
            if (array is float[] != (info.Kind == InputKind.Float32))
                throw new DatasetException($"Input '{info.Name}' takes {info.Kind}, the data are {array.GetType().GetElementType()!.Name}.");
            long expected = (long)examples * shape.ElementsPerSequence(input);
            if (array.Length != expected)
                throw new DatasetException(
                    $"Input '{info.Name}' takes {shape.ElementsPerSequence(input)} elements an example, {expected} for {examples}; the array has {array.Length}.");
        }
    }

    public void FillTraining(ulong seed, long index, Batch batch)
    {
        for (int row = 0; row < batch.Sequences; row++)
        {
            var (epoch, place) = Math.DivRem(index * batch.Sequences + row, Training);
            CopyExample((int)Permutation.At(place, Training, seed, (ulong)epoch), row, batch);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Whole batches; where there are fewer examples than in one, they are repeated to fill it.</remarks>
    public int ValidationBatches(Batch shape) => _validation == 0 ? 0 : Math.Max(1, _validation / shape.Sequences);

    public void FillValidation(int index, Batch batch)
    {
        for (int row = 0; row < batch.Sequences; row++)
            CopyExample(Training + (index * batch.Sequences + row) % _validation, row, batch);
    }

    private void CopyExample(int example, int row, Batch batch)
    {
        for (int input = 0; input < batch.Inputs.Count; input++)
        {
            int count = batch.ElementsPerSequence(input);
            var array = _arrays[batch.Inputs[input].Name];
            if (array is float[] floats)
                floats.AsSpan(example * count, count).CopyTo(batch.Floats(input).Slice(row * count, count));
            else
                ((int[])array).AsSpan(example * count, count).CopyTo(batch.Integers(input).Slice(row * count, count));
        }
    }

    private ArrayDataset Add(string input, Array values) => _arrays.TryAdd(input, values)
        ? this
        : throw new ArgumentException($"Input '{input}' was added twice.");
}
