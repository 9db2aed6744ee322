using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A size of <see cref="AdamWCheck"/>.</summary>
/// <param name="Clip">The factor on the device; null means no pointer.</param>
public sealed record AdamWSize(int Count, TensorType Gradients, bool Copy = false, float? Clip = null)
{
    public override string ToString() => $"n {Count} {Gradients}{(Copy ? " copy" : "")}{(Clip is { } clip ? $" clip {clip}" : "")}";
}

/// <summary>A step of AdamW from random weights, gradients and moments, with weight decay on some ranges.</summary>
public sealed class AdamWCheck : Check<AdamWSize>
{
    public override string Name => "adamw";

    protected override IReadOnlyList<AdamWSize> Quick =>
    [
        new(1, TensorType.F32), new(3, TensorType.BF16, true), new(1023, TensorType.F32, true, 0.25f),
        new(4096, TensorType.BF16, false, 1), new(5001, TensorType.F32, false, float.NaN),
    ];

    protected override IReadOnlyList<AdamWSize> Full => [new(2_000_003, TensorType.F32, true, 0.5f), new(1_000_000, TensorType.BF16)];

    protected override void Run(CheckRun run, AdamWSize size)
    {
        int n = size.Count;
        const float Rate = 3e-3f, Beta1 = 0.9f, Beta2 = 0.95f, Epsilon = 1e-8f, Decay = 0.1f, Scale = 0.75f;
        const long Step = 3;
        long[] boundaries = GpuAdamW.DecayBoundaries(
            (0, n / 7, false), (n / 7, n / 3, true), (n / 3, n / 3 + n / 9, false), (n / 3 + n / 9, n, true));
        var places = run.Input("boundaries", [.. boundaries.Select(place => (double)place)], TensorType.I64);
        var gradients = run.Normal("gradients", n, size.Gradients);
        double[] weights0 = Draw(run, n, -1), first0 = Draw(run, n, -1), second0 = Draw(run, n, 0);
        var clip = size.Clip is { } factor ? run.Input("clip", [factor]) : null;

        var weights = new[] { run.InPlace("weights", weights0), run.InPlace("weights again", weights0) };
        var first = new[] { run.InPlace("first moment", first0), run.InPlace("first moment again", first0) };
        var second = new[] { run.InPlace("second moment", second0), run.InPlace("second moment again", second0) };
        var copy = size.Copy ? run.Output("copy", n, TensorType.BF16) : null;
        var adamW = new GpuAdamW(run.Device);
        for (int i = 0; i < 2; i++)
            adamW.Update(run.Stream, new()
            {
                Weights = weights[i], Gradients = gradients, GradientType = size.Gradients, FirstMoment = first[i], SecondMoment = second[i],
                Copy = copy?.Pointer ?? default, Count = n, Boundaries = places, BoundaryCount = boundaries.Length,
                Clip = clip?.Pointer ?? default, GradientScale = Scale, LearningRate = Rate, Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon,
                WeightDecay = Decay, BiasCorrection1 = (float)(1 - Math.Pow(Beta1, Step)), BiasCorrection2 = (float)(1 - Math.Pow(Beta2, Step)),
            });

        double scale = Scale * (double)(size.Clip ?? 1);
        if (double.IsNaN(scale))
        {
            run.Expect(weights[0], weights[0].Values, 0);
            run.Expect(first[0], first[0].Values, 0);
            run.Expect(second[0], second[0].Values, 0);
        }
        else
        {
            var expected = new AdamWReference(n);
            for (int i = 0; i < n; i++)
            {
                bool decays = boundaries.Count(place => place <= i) % 2 == 0;
                expected.Add(i, weights[0].Values[i], gradients.Values[i] * scale, first[0].Values[i], second[0].Values[i], decays ? Decay : 0, Rate, Beta1, Beta2, Epsilon, Step);
            }
            run.Expect(first[0], expected.First, expected.FirstBound);
            run.Expect(second[0], expected.Second, expected.SecondBound);
            run.Expect(weights[0], expected.Weights, expected.WeightBound);
            if (copy is not null)
                run.Expect(copy, expected.Weights, [.. expected.Weights.Select((w, i) => expected.WeightBound[i] + Bounds.Store(Math.Abs(w) + expected.WeightBound[i], TensorType.BF16))]);
        }
        run.Expect(weights[1], run.Read(weights[0]), 0);
        run.Expect(first[1], run.Read(first[0]), 0);
        run.Expect(second[1], run.Read(second[0]), 0);
    }

    private static double[] Draw(CheckRun run, int count, double low) =>
        [.. Enumerable.Range(0, count).Select(_ => low + (1 - low) * run.Random.NextDouble())];
}
