using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime;

/// <summary>
/// Fills weights before the first step. Element i of a weight is a pure function of (seed, the weight's name, i), so that
/// neither the order of the weights nor the number of threads changes a bit.
/// </summary>
/// <remarks>
/// Four elements share a Philox block. Normal values are Box and Muller's (1958): the words a, b of a block give two,
/// std * sqrt(-2 ln u) times the cosine and the sine of 2 pi v, with u = ((a >> 8) + 1) / 2^24 and v = (b >> 8) / 2^24;
/// none is beyond 5.8 std. The functions are our own, so every processor gives the same bits.
/// Uniform values are bound * (2 u - 1), u = (a >> 8) / 2^24. For a weight of shape [out, in, ...rest],
/// fanIn = in * rest and fanOut = out * rest; a vector's fans are its length.
/// </remarks>
public static class WeightInitialiser
{
    private const int ChunkFloats = 1 << 18;
    private const float OneStep = 1f / (1 << 24);

    /// <summary>Fills every weight of <paramref name="weights"/>.</summary>
    public static void Fill(WeightStore weights, ulong seed)
    {
        var chunks = new List<(WeightInfo Weight, long Start, int Count)>();
        foreach (var weight in weights.Infos)
            for (long start = 0; start < weight.Count; start += ChunkFloats)
                chunks.Add((weight, start, (int)Math.Min(ChunkFloats, weight.Count - start)));
        object writing = new();
        Parallel.ForEach(chunks, () => new float[ChunkFloats], (chunk, _, buffer) =>
        {
            var values = buffer.AsSpan(0, chunk.Count);
            Fill(chunk.Weight, chunk.Start, values, seed);
            lock (writing)
                weights.Write(chunk.Weight, chunk.Start, values);
            return buffer;
        }, _ => { });
    }

    /// <summary>Elements [<paramref name="start"/>, start + length) of one weight; start is a multiple of four.</summary>
    public static void Fill(WeightInfo weight, long start, Span<float> values, ulong seed)
    {
        switch (weight.Init)
        {
            case Init.Zeros: values.Clear(); break;
            case Init.Ones: values.Fill(1); break;
            case Init.Normal: FillNormal(weight, start, values, seed, weight.Std); break;
            case Init.Residual: FillNormal(weight, start, values, seed, weight.Std / Math.Sqrt(2.0 * weight.Depth)); break;
            case Init.XavierUniform: FillUniform(weight, start, values, seed, Math.Sqrt(6.0 / (FanIn(weight) + FanOut(weight)))); break;
            case Init.KaimingUniform: FillUniform(weight, start, values, seed, Math.Sqrt(1.0 / FanIn(weight))); break;
            default: throw new ArgumentOutOfRangeException(nameof(weight), weight.Init, $"Weight {weight.Name}: no such initialiser.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void FillNormal(WeightInfo weight, long start, Span<float> values, ulong seed, double std)
    {
        const int Group = 2 * Simd.Width;
        ulong stream = Philox.Stream(weight.Name);
        float* u = stackalloc float[Simd.Width], v = stackalloc float[Simd.Width];
        for (int i = 0; i < values.Length; i += Group)
        {
            for (int pair = 0; pair < Simd.Width; pair += 2)
            {
                var (x, y, z, w) = Philox.Block(seed, stream, (ulong)(start + i) / 4 + (ulong)pair / 2);
                (u[pair], v[pair], u[pair + 1], v[pair + 1]) = (Fraction(x) + OneStep, Fraction(y), Fraction(z) + OneStep, Fraction(w));
            }
            var radius = Simd.Splat((float)std) * Simd.Sqrt(Simd.Splat(-2) * Simd.Log(Simd.Load(u)));
            var angle = Simd.Splat(MathF.Tau) * Simd.Load(v);
            Simd.Store(u, radius * Simd.Cos(angle));
            Simd.Store(v, radius * Simd.Sin(angle));
            int count = Math.Min(Group, values.Length - i);
            for (int k = 0; k < count; k++)
                values[i + k] = (k % 2 == 0 ? u : v)[k / 2];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillUniform(WeightInfo weight, long start, Span<float> values, ulong seed, double bound)
    {
        ulong stream = Philox.Stream(weight.Name);
        Span<float> four = stackalloc float[4];
        for (int i = 0; i < values.Length; i += 4)
        {
            var (x, y, z, w) = Philox.Block(seed, stream, (ulong)(start + i) / 4);
            (four[0], four[1], four[2], four[3]) = (Uniform(x, bound), Uniform(y, bound), Uniform(z, bound), Uniform(w, bound));
            four[..Math.Min(4, values.Length - i)].CopyTo(values[i..]);
        }
    }

    private static float Uniform(uint word, double bound) => (float)(bound * (2 * Fraction(word) - 1));

    /// <summary>In [0, 1), a multiple of <see cref="OneStep"/>, exact.</summary>
    private static float Fraction(uint word) => (word >> 8) * OneStep;

    private static long FanIn(WeightInfo weight) =>
        weight.Shape.Length > 1 ? weight.Count / weight.Shape[0] : weight.Count;

    private static long FanOut(WeightInfo weight) =>
        weight.Shape.Length > 1 ? weight.Count / weight.Shape[1] : weight.Count;
}
