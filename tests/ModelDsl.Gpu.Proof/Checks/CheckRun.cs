using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>The environment of a check: the device, random inputs, poisoned outputs, and the comparison.</summary>
public sealed class CheckRun : IDisposable
{
    private const byte Poison = 255;

    private readonly List<CheckBuffer> _buffers = [];
    private readonly List<OutputError> _results = [];

    internal CheckRun(GpuDevice device, int seed)
    {
        Device = device;
        Random = new Random(seed);
    }

    public GpuDevice Device { get; }

    public GpuStream Stream => Device.DefaultStream;

    /// <summary>Seeded: the same numbers for the same seed of the program.</summary>
    public Random Random { get; }

    internal IReadOnlyList<OutputError> Results => _results;

    /// <summary>An input, uniform in [low, high), rounded to <paramref name="type"/>.</summary>
    public CheckBuffer Uniform(string name, int count, TensorType type = TensorType.F32, double low = -1, double high = 1) =>
        Input(name, Draw(count, random => low + (high - low) * random.NextDouble()), type);

    /// <summary>An input, normally distributed, rounded to <paramref name="type"/>.</summary>
    public CheckBuffer Normal(string name, int count, TensorType type = TensorType.F32, double deviation = 1) =>
        Input(name, Draw(count, random => deviation * Normal(random)), type);

    /// <summary>An input with these values, rounded to <paramref name="type"/>; the kernel must not change it.</summary>
    public CheckBuffer Input(string name, ReadOnlySpan<double> values, TensorType type = TensorType.F32) =>
        Create(name, type, values.Length, CheckAccess.Input, values);

    /// <summary>An input of 32-bit integers: tokens, targets.</summary>
    public CheckBuffer Input(string name, ReadOnlySpan<int> values)
    {
        var doubles = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
            doubles[i] = values[i];
        return Input(name, doubles, TensorType.I32);
    }

    /// <summary>A buffer that the kernel updates in place: weights, moments, an accumulator.</summary>
    public CheckBuffer InPlace(string name, ReadOnlySpan<double> values, TensorType type = TensorType.F32) =>
        Create(name, type, values.Length, CheckAccess.InPlace, values);

    /// <summary>An output, poisoned with NaN (-1 in integers).</summary>
    public CheckBuffer Output(string name, int count, TensorType type = TensorType.F32) =>
        Create(name, type, count, CheckAccess.Output, []);

    /// <summary>Poisoned memory that only the kernel uses.</summary>
    public CheckBuffer Scratch(string name, int count, TensorType type = TensorType.F32) =>
        Create(name, type, count, CheckAccess.Scratch, []);

    /// <summary>The current contents of a buffer.</summary>
    public double[] Read(CheckBuffer buffer) => Elements.Decode(ReadBytes(buffer.Pointer, buffer.ByteCount), buffer.Type);

    /// <summary>Compares an output with its reference: every element within its own bound.</summary>
    /// <param name="reference">In float64. For a NaN the output must be NaN, for an infinity the same infinity.</param>
    /// <param name="bounds">Derived absolute errors (<see cref="Bounds"/>), one per element.</param>
    public void Expect(CheckBuffer output, ReadOnlySpan<double> reference, ReadOnlySpan<double> bounds)
    {
        if (reference.Length != output.Count || bounds.Length != output.Count)
            throw new ArgumentException($"{output.Name} has {output.Count} elements; the reference has {reference.Length} and the bounds {bounds.Length}.");
        double[] values = Read(output);
        output.Compared = true;
        int worst = 0;
        double worstRatio = -1;
        for (int i = 0; i < values.Length && !double.IsNaN(worstRatio); i++)
        {
            double ratio = Ratio(values[i], reference[i], bounds[i]);
            if (ratio > worstRatio || double.IsNaN(ratio))
                (worst, worstRatio) = (i, ratio);
        }
        if (values.Length > 0)
            _results.Add(new(output.Name, Error(values[worst], reference[worst]), bounds[worst], worst, values[worst], reference[worst]));
    }

    /// <summary>Compares with one bound for all elements; 0 requires equality.</summary>
    public void Expect(CheckBuffer output, ReadOnlySpan<double> reference, double bound)
    {
        var bounds = new double[output.Count];
        bounds.AsSpan().Fill(bound);
        Expect(output, reference, bounds);
    }

    /// <summary>Ends the case as not run: the device or its libraries need not support it.</summary>
    public static void Skip(string reason) => throw new CheckSkippedException(reason);

    /// <summary>Checks that guards are intact, inputs unchanged, and every output was compared.</summary>
    internal void Finish()
    {
        foreach (var buffer in _buffers)
        {
            byte[] whole = ReadBytes(buffer.Start, buffer.ByteCount + 2 * CheckBuffer.Guard);
            int before = whole.AsSpan(0, CheckBuffer.Guard).LastIndexOfAnyExcept(Poison);
            if (before >= 0)
                throw new CheckFailedException($"a kernel wrote {CheckBuffer.Guard - before} bytes before the beginning of {buffer.Name}");
            int after = whole.AsSpan(CheckBuffer.Guard + buffer.ByteCount).IndexOfAnyExcept(Poison);
            if (after >= 0)
                throw new CheckFailedException($"a kernel wrote {after} bytes past the end of {buffer.Name}");
            if (buffer.Access == CheckAccess.Input && !whole.AsSpan(CheckBuffer.Guard, buffer.ByteCount).SequenceEqual(Elements.Encode(buffer.Values, buffer.Type)))
                throw new CheckFailedException($"a kernel changed its input {buffer.Name}");
            if (buffer.Access is CheckAccess.Output or CheckAccess.InPlace && !buffer.Compared)
                throw new CheckFailedException($"the check compares its output {buffer.Name} with nothing");
        }
        if (_results.Count == 0)
            throw new CheckFailedException("the check compares nothing");
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Dispose();
    }

    private CheckBuffer Create(string name, TensorType type, int count, CheckAccess access, ReadOnlySpan<double> values)
    {
        byte[] bytes = Elements.Encode(values, type);
        var memory = Device.Allocate((long)count * (type.Bits() / 8) + 2 * CheckBuffer.Guard, $"check {name}");
        var buffer = new CheckBuffer(memory, name, type, count, access, Elements.Decode(bytes, type));
        _buffers.Add(buffer);
        Stream.Fill(buffer.Start, Poison, buffer.ByteCount + 2 * CheckBuffer.Guard);
        if (bytes.Length > 0)
            Stream.Upload<byte>(buffer.Pointer, bytes);
        return buffer;
    }

    private byte[] ReadBytes(GpuPointer source, int count)
    {
        var bytes = new byte[count];
        if (count > 0)
            Stream.Download<byte>(bytes, source);
        return bytes;
    }

    private static double Error(double value, double reference) =>
        value.Equals(reference) ? 0 : Math.Abs(value - reference); // equal NaN and infinities have no error

    private static double Ratio(double value, double reference, double bound) =>
        Error(value, reference) is var error && error == 0 ? 0 : error / bound;

    // In pieces with their own seeds: the same numbers for any number of threads.
    private double[] Draw(int count, Func<Random, double> next)
    {
        const int Piece = 1 << 16;
        int seed = Random.Next();
        var values = new double[count];
        Parallel.For(0, (count + Piece - 1) / Piece, piece =>
        {
            var random = new Random(seed ^ piece);
            foreach (ref double value in values.AsSpan(piece * Piece, Math.Min(Piece, count - piece * Piece)))
                value = next(random);
        });
        return values;
    }

    // Box and Muller (1958).
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
