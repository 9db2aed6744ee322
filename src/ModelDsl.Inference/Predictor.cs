using System.Runtime.InteropServices;
using ModelDsl.Runtime;

namespace ModelDsl.Inference;

/// <summary>
/// Computes what a model's Forward returns, a batch at a time. It reads the weights where they stand: one made from a
/// trainer's weights sees every step.
/// </summary>
/// <remarks>
/// The results are the same bits for every number of threads. One thread at a time: a call beside another thread's is refused
/// with a <see cref="ConcurrentUseException"/>; disposed of during a call, the predictor is gone when that ends.
/// </remarks>
public sealed unsafe class Predictor : IDisposable
{
    private readonly ForwardProgram _program;
    private readonly WeightStore _weights;
    private readonly bool _ownsWeights;
    private readonly float[][] _outputs;
    private readonly Lifetime _lifetime;
    private DeviceInputs? _inputs;
    private DeviceMemory? _scratch;
    private (int Sequences, int Length) _shape;

    /// <param name="ownsWeights">Disposes of them with itself.</param>
    /// <exception cref="ArgumentException">The weights are of another model: says where they differ.</exception>
    public Predictor(ForwardProgram program, WeightStore weights, bool ownsWeights = false)
    {
        (_program, _weights, _ownsWeights) = (program, weights, ownsWeights);
        ModelWeights.Check(program.ModelName, program.Weights, weights);
        _outputs = new float[program.Results.Count][];
        _lifetime = new(nameof(Predictor), FreeAll);
    }

    /// <summary>What Forward takes.</summary>
    public IReadOnlyList<InputInfo> Inputs => _program.Inputs;

    /// <summary>What it returns.</summary>
    public IReadOnlyList<OutputInfo> Outputs => _program.Results;

    /// <summary>A batch to fill.</summary>
    /// <param name="length">Tokens of a sequence, for models over tokens.</param>
    public Batch NewBatch(int sequences, int length = 1) => new(_program.Inputs, sequences, length);

    /// <summary>Forward of a batch.</summary>
    /// <returns>The first result, [batch, ...] or [batch, length, ...], up to the next call; the others are in <see cref="Output"/>.</returns>
    /// <exception cref="DatasetException">An integer input is out of range.</exception>
    public ReadOnlySpan<float> Run(Batch batch)
    {
        using var use = _lifetime.EnterAlone();
        using var weights = _weights.Hold();
        Prepare(batch);
        _inputs!.Write(batch);
        var buffers = new StepBuffers
        {
            Weights = _weights.Pointer,
            Scratch = (byte*)_scratch!.Pointer,
            Inputs = _inputs.Table,
            Batch = batch.Sequences,
            Length = batch.Length,
        };
        float** results = stackalloc float*[_outputs.Length];
        _program.Run(_weights.Device, buffers, results);
        for (int i = 0; i < _outputs.Length; i++)
            _scratch.Read((byte*)results[i] - (byte*)_scratch.Pointer, MemoryMarshal.AsBytes(_outputs[i].AsSpan()));
        return _outputs[0];
    }

    /// <summary>Forward of examples given one after the other, for models with one input of floats.</summary>
    /// <returns>The first result, [examples, ...], up to the next call.</returns>
    /// <exception cref="ArgumentException">The model takes something else, or the last example is not whole.</exception>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> examples)
    {
        if (Inputs is not [{ Kind: InputKind.Float32, PerToken: false } input])
            throw new ArgumentException($"{_program.ModelName} takes {string.Join(", ", Inputs.Select(i => $"{i.Name} ({i.Kind})"))}: fill a batch.");
        int size = input.Shape.Aggregate(1, (product, next) => product * next);
        if (examples.Length == 0 || examples.Length % size != 0)
            throw new ArgumentException($"{examples.Length} numbers are not whole examples of {_program.ModelName}, which have {size}, [{string.Join(", ", input.Shape)}].");
        var batch = NewBatch(examples.Length / size);
        examples.CopyTo(batch.Floats(0));
        return Run(batch);
    }

    /// <summary>One result of the last call.</summary>
    public ReadOnlySpan<float> Output(int index) => _outputs[index];

    private void Prepare(Batch batch)
    {
        if (_shape == (batch.Sequences, batch.Length)) return;
        Free();
        _inputs = new DeviceInputs(batch, _weights.Device);
        _scratch = _weights.Device.Allocate(Math.Max(1, _program.ScratchBytes(batch.Sequences, batch.Length)));
        for (int i = 0; i < _outputs.Length; i++) _outputs[i] = new float[Outputs[i].Count(batch.Sequences, batch.Length)];
        _shape = (batch.Sequences, batch.Length);
    }

    private void Free()
    {
        _inputs?.Dispose();
        _scratch?.Dispose();
        (_inputs, _scratch, _shape) = (null, null, default);
    }

    public void Dispose() => _lifetime.Dispose();

    private void FreeAll()
    {
        Free();
        if (_ownsWeights) _weights.Dispose();
    }
}
