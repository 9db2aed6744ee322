using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A size of <see cref="CastCheck"/>.</summary>
/// <param name="Odd">Begins one element after an aligned address.</param>
public sealed record CastSize(int Count, TensorType From, TensorType To, float? Scale = null, bool Odd = false)
{
    public override string ToString() => $"n {Count} {From} to {To}{(Scale is { } scale ? $" times {scale}" : "")}{(Odd ? " odd" : "")}";
}

/// <summary>Conversions, bit for bit: random values over many magnitudes, every edge of the formats, NaN and infinities.</summary>
public sealed class CastCheck : Check<CastSize>
{
    private static readonly TensorType[] s_narrow = [TensorType.BF16, TensorType.F16, TensorType.F8E4M3, TensorType.F8E5M2];

    public override string Name => "cast";

    protected override IReadOnlyList<CastSize> Quick =>
    [
        .. s_narrow.SelectMany(type => new CastSize[] { new(9001, TensorType.F32, type), new(5001, type, TensorType.F32, Odd: true) }),
        new(1, TensorType.F32, TensorType.BF16), new(4096, TensorType.BF16, TensorType.F8E4M3, 3.25f), new(4099, TensorType.F32, TensorType.F8E5M2, 0.1f, true),
        new(8192, TensorType.F8E4M3, TensorType.F32, 0.3f),
    ];

    protected override IReadOnlyList<CastSize> Full =>
        [new(2_000_003, TensorType.F32, TensorType.BF16), new(2_000_000, TensorType.BF16, TensorType.F32), new(500_000, TensorType.F32, TensorType.F8E4M3, 16)];

    protected override void Run(CheckRun run, CastSize size)
    {
        int skip = size.Odd ? 1 : 0, n = size.Count;
        var values = new double[n + skip];
        double[] edges = [.. Edges(size.From), .. Edges(size.To)];
        for (int i = 0; i < values.Length; i++)
            values[i] = i % 3 == 0 ? edges[run.Random.Next(edges.Length)] : Math.ScaleB(run.Random.NextDouble() * 2 - 1, run.Random.Next(-20, 18));
        var source = run.Input("source", values, size.From);
        var target = run.Output("target", n + skip, size.To);
        var scale = size.Scale is { } factor ? run.Input("scale", [factor]) : null;
        new GpuCast(run.Device).Run(
            run.Stream, source.Pointer + skip * (size.From.Bits() / 8), size.From, target.Pointer + skip * (size.To.Bits() / 8), size.To, n,
            scale?.Pointer ?? default);
        double[] scaled = [.. source.Values.Select(value => (double)(float)(value * (size.Scale ?? 1)))];
        double[] reference = Elements.Decode(Elements.Encode(scaled, size.To), size.To);
        if (skip > 0)
            reference[0] = double.NaN;
        run.Expect(target, reference, 0);
    }

    // The largest and smallest values of a type, ties between neighbours and values beyond; no subnormals of F32, which
    // devices may flush.
    private static double[] Edges(TensorType type)
    {
        (int bits, int smallest, double largest) = type switch
        {
            TensorType.F16 => (10, -14, 65504),
            TensorType.F8E4M3 => (3, -6, GpuCast.LargestE4M3),
            TensorType.F8E5M2 => (2, -14, GpuCast.LargestE5M2),
            TensorType.BF16 => (7, -100, 1e38),
            _ => (23, -100, 1e38),
        };
        double unit = Math.ScaleB(1, -bits), least = Math.ScaleB(1, smallest) * unit;
        double[] positive =
        [
            0, 1 + unit / 2, 1 + 3 * unit / 2, 1 + unit, 2 - unit / 2, largest, largest * (1 + unit / 4), largest * 1.1, largest * 3,
            least, least / 2, least * 1.5, least * 2.5, least * 0.49, Math.ScaleB(1, smallest), Math.ScaleB(1, smallest) - least / 2,
            double.PositiveInfinity, double.NaN,
        ];
        return [.. positive, .. positive.Select(value => -value)];
    }
}
