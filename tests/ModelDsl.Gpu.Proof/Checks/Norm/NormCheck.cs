using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A size of <see cref="NormCheck"/>.</summary>
/// <param name="Special">A value that is inserted among the others.</param>
public sealed record NormSize(int Count, TensorType Type, double Limit, double? Special = null)
{
    public override string ToString() => $"n {Count} {Type} limit {Limit}{(Special is { } special ? $" with {special:g}" : "")}";
}

/// <summary>The norm of three tensors, one of them misaligned, and the clipping factor.</summary>
public sealed class NormCheck : Check<NormSize>
{
    public override string Name => "gradient norm";

    protected override IReadOnlyList<NormSize> Quick =>
    [
        new(1, TensorType.F32, 1), new(1023, TensorType.BF16, 0), new(16384, TensorType.F32, 1e6), new(40_001, TensorType.F32, 1),
        new(5000, TensorType.F32, 1, 1e25), new(5000, TensorType.F32, 1, 1.5e12), new(5000, TensorType.BF16, 1, 3e38),
        new(5000, TensorType.F32, 1, double.NaN), new(5000, TensorType.F32, 0, double.NegativeInfinity),
    ];

    protected override IReadOnlyList<NormSize> Full => [new(5_000_001, TensorType.F32, 1), new(5_000_000, TensorType.BF16, 1e9)];

    protected override void Run(CheckRun run, NormSize size)
    {
        const int Odd = 1; // elements before the second tensor, which is then not aligned to four
        double[] values = [.. Enumerable.Range(0, size.Count).Select(_ => run.Random.NextDouble() * 2 - 1)];
        if (size.Special is { } special)
            values[size.Count / 2] = special;
        var first = run.Input("first", values, size.Type);
        var second = run.Normal("second", Odd + 777, TensorType.F32);
        var third = run.Normal("third", 5, TensorType.F32);
        int partials = GpuNorm.PartialsOf(size.Count) + 2;
        var scratch = run.Scratch("partials", 2 * partials);

        var norm = new GpuNorm(run.Device);
        CheckBuffer[] results = [run.Output("result", 2), run.Output("result again", 2)];
        foreach (var result in results)
        {
            int count = norm.AddSquares(run.Stream, first, size.Type, size.Count, scratch);
            count = norm.AddSquares(run.Stream, second.Pointer + Odd * 4, TensorType.F32, 777, scratch, count);
            count = norm.AddSquares(run.Stream, third, TensorType.F32, 5, scratch, count);
            norm.Finish(run.Stream, scratch, count, (float)size.Limit, result);
        }

        double exact = Math.Sqrt(first.Values.Concat(second.Values.Skip(Odd)).Concat(third.Values).Sum(value => value * value));
        double factor = !double.IsFinite(exact) ? double.NaN : size.Limit > 0 && exact > size.Limit ? (float)size.Limit / exact : 1;
        // Per thread 16 sums, then 3 + 5 + 7 in the group, the same again over partials; the root halves that and adds its own.
        double relative = Bounds.Gamma(16 + 15 + partials / 256 + 1 + 15) / 2 + Bounds.Function(3);
        run.Expect(
            results[0], [exact, factor],
            double.IsFinite(exact) ? [exact * relative, factor == 1 ? 0 : factor * (relative + Bounds.Function(3)) + Bounds.Store(0, TensorType.F32)] : [0, 0]);
        run.Expect(results[1], run.Read(results[0]), 0);
    }
}
