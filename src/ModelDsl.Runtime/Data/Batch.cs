using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>
/// The inputs of one batch on the host, one array for each of a program's inputs: [batch, length, ...shape] where the
/// input is per token, [batch, ...shape] where it is not. Made once, filled for every step.
/// </summary>
public sealed class Batch
{
    private readonly byte[][] _values;

    /// <exception cref="ArgumentException">An input would be larger than an array can be, 2 GB.</exception>
    public Batch(IReadOnlyList<InputInfo> inputs, int sequences, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        (Inputs, Sequences, Length) = (inputs, sequences, length);
        _values = [.. inputs.Select(input => new byte[ByteCount(input, sequences, length)])];
    }

    public IReadOnlyList<InputInfo> Inputs { get; }

    /// <summary>B.</summary>
    public int Sequences { get; }

    /// <summary>T.</summary>
    public int Length { get; }

    /// <summary>Elements of an input that belong to one sequence (one example).</summary>
    public int ElementsPerSequence(int input) => ElementsPerSequence(Inputs[input], Length);

    /// <summary>The place of an input in <see cref="Inputs"/>, or -1.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Inputs.Count; i++)
            if (Inputs[i].Name == name)
                return i;
        return -1;
    }

    public Span<int> Integers(int input) => View<int>(input, InputKind.Int32);

    public Span<int> Integers(string name) => Integers(Place(name));

    public Span<float> Floats(int input) => View<float>(input, InputKind.Float32);

    public Span<float> Floats(string name) => Floats(Place(name));

    /// <summary>An input as it is copied to the device.</summary>
    public ReadOnlySpan<byte> Bytes(int input) => _values[input];

    /// <summary>What a loss that masks targets averages over: targets not negative; sequences where there are no targets.</summary>
    public long CountTargets()
    {
        int targets = IndexOf("targets");
        if (targets < 0 || Inputs[targets].Kind != InputKind.Int32)
            return Sequences;
        long count = 0;
        foreach (int target in Integers(targets))
            count += target >= 0 ? 1 : 0;
        return count;
    }

    /// <summary>Integers out of range would be reads out of bounds on the device.</summary>
    /// <exception cref="DatasetException">Names the input, the place, the value and the limit.</exception>
    public void Validate()
    {
        for (int input = 0; input < Inputs.Count; input++)
        {
            if (Inputs[input].Kind != InputKind.Int32)
                continue;
            int limit = Inputs[input].Limit, least = Inputs[input].Name == "targets" ? int.MinValue : 0;
            var integers = Integers(input);
            for (int i = 0; i < integers.Length; i++)
                if (integers[i] < least || integers[i] >= limit)
                    throw new DatasetException(
                        $"Input '{Inputs[input].Name}' has {integers[i]} at element {i % ElementsPerSequence(input)} of sequence " +
                        $"{i / ElementsPerSequence(input)}; the model takes 0 to {limit - 1}.");
        }
    }

    private int Place(string name) => IndexOf(name) is >= 0 and var index
        ? index
        : throw new DatasetException($"The model has no input '{name}'; it has {string.Join(", ", Inputs.Select(i => i.Name))}.");

    private Span<T> View<T>(int input, InputKind kind) where T : struct => Inputs[input].Kind == kind
        ? MemoryMarshal.Cast<byte, T>(_values[input].AsSpan())
        : throw new DatasetException($"Input '{Inputs[input].Name}' holds {Inputs[input].Kind}, not {kind}.");

    private static int ByteCount(InputInfo input, int sequences, int length)
    {
        double bytes = 4.0 * sequences * (input.PerToken ? length : 1) * input.Shape.Aggregate(1.0, (product, size) => product * size);
        return bytes <= Array.MaxLength
            ? 4 * sequences * ElementsPerSequence(input, length)
            : throw new ArgumentException(
                $"A batch of {sequences} sequences of length {length} takes {bytes:N0} bytes for input '{input.Name}', {Array.MaxLength:N0} are possible. Use a smaller batch or length.");
    }

    private static int ElementsPerSequence(InputInfo input, int length) =>
        input.Shape.Aggregate(input.PerToken ? length : 1, (product, size) => product * size);
}
