using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>The largest magnitude and the scale for 8-bit floats.</summary>
public sealed class LargestCheck : Check<(int Count, TensorType Type, double Special)>
{
    public override string Name => "largest and scale";

    protected override IReadOnlyList<(int Count, TensorType Type, double Special)> Quick =>
    [
        (1, TensorType.F32, -2.5), (1023, TensorType.BF16, 1), (40_003, TensorType.F32, -700), (5000, TensorType.F16, 0.001),
        (5000, TensorType.F32, double.NaN), (5000, TensorType.F32, double.NegativeInfinity), (0, TensorType.F32, 0),
    ];

    protected override IReadOnlyList<(int Count, TensorType Type, double Special)> Full => [(3_000_001, TensorType.F32, 3), (3_000_001, TensorType.BF16, 3)];

    protected override void Run(CheckRun run, (int Count, TensorType Type, double Special) size)
    {
        double[] values = [.. Enumerable.Range(0, size.Count).Select(_ => run.Random.NextDouble() * 2 - 1)];
        if (size.Count > 0)
            values[size.Count * 2 / 3] = size.Special;
        var source = run.Input("values", values, size.Type);
        var partials = run.Scratch("partials", GpuCast.PartialsOf(size.Count));
        var result = run.Output("result", 3);
        new GpuCast(run.Device).LargestAndScale(run.Stream, source, size.Type, size.Count, GpuCast.LargestE4M3, partials, result);

        double largest = source.Values.Aggregate(0.0, (sofar, value) => Math.Max(sofar, Math.Abs(value))); // NaN wins
        bool usable = largest > 0 && double.IsFinite(largest);
        double scale = usable ? GpuCast.LargestE4M3 / largest : 1;
        run.Expect(result, [largest, scale, 1 / scale], [0, usable ? Bounds.Function(3) * scale : 0, usable ? Bounds.Function(3) / scale : 0]);
    }
}
