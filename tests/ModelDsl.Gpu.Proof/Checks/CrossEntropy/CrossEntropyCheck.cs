using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A size of <see cref="CrossEntropyCheck"/>.</summary>
/// <param name="Range">Logits are in -Range to Range.</param>
/// <param name="Special">Rows with NaN and infinities, and a target beyond the vocabulary.</param>
public sealed record CrossEntropySize(int Rows, int Vocabulary, int Padding, TensorType Type, double Range, bool Special = false)
{
    public override string ToString() => $"{Rows} x {Vocabulary}+{Padding} {Type} range {Range}{(Special ? " special" : "")}";
}

/// <summary>Losses, their mean, and the gradient in place of the logits.</summary>
public sealed class CrossEntropyCheck : Check<CrossEntropySize>
{
    public override string Name => "cross-entropy";

    protected override IReadOnlyList<CrossEntropySize> Quick =>
    [
        new(1, 1, 0, TensorType.F32, 1), new(7, 2, 1, TensorType.BF16, 3), new(9, 65, 0, TensorType.F32, 80), new(5, 511, 2, TensorType.BF16, 10),
        new(3, 8201, 0, TensorType.F32, 20), new(9, 1027, 0, TensorType.F32, 5, true), new(9, 1027, 3, TensorType.BF16, 5, true),
    ];

    protected override IReadOnlyList<CrossEntropySize> Full =>
        [new(61, 50257, 0, TensorType.F32, 15), new(61, 50257, 47, TensorType.BF16, 15), new(11, 200_003, 0, TensorType.F32, 90)];

    protected override void Run(CheckRun run, CrossEntropySize size)
    {
        var (rows, vocabulary, stride) = (size.Rows, size.Vocabulary, size.Vocabulary + size.Padding);
        var values = new double[rows * stride];
        for (int i = 0; i < values.Length; i++)
            values[i] = i % stride < vocabulary ? size.Range * (2 * run.Random.NextDouble() - 1) : double.NaN;
        int[] targets = [.. Enumerable.Range(0, rows).Select(row => row % 5 == 2 ? -1 - row : run.Random.Next(vocabulary))];
        if (size.Special)
            MakeSpecial(values, targets, vocabulary, stride);

        var data = run.Input("targets", targets);
        var flag = run.InPlace("flag", [0], TensorType.I32);
        var scale = run.Output("scale", 1);
        var ids = new GpuIds(data, rows, vocabulary, flag);
        CheckBuffer[] logits = [run.InPlace("gradient", values, size.Type), run.InPlace("gradient again", values, size.Type)];
        CheckBuffer[] losses = [run.Output("losses", rows), run.Output("losses again", rows)];
        var kept = run.Input("logits", values, size.Type);
        var alone = run.Output("losses alone", rows);
        var mean = run.Output("mean", 1);
        const float Weight = 0.5f;

        var kernel = new GpuCrossEntropy(run.Device);
        kernel.MeanScale(run.Stream, ids, scale, Weight);
        for (int i = 0; i < 2; i++)
            kernel.LossesAndGradient(run.Stream, Arguments(logits[i], losses[i]), scale);
        kernel.Losses(run.Stream, Arguments(kept, alone));
        kernel.MeanLoss(run.Stream, losses[0], rows, scale, mean);

        double factor = Weight / Math.Max(1.0, targets.Count(target => target >= 0));
        var expected = new CrossEntropyReference(kept.Values, targets, vocabulary, stride, factor, size);
        run.Expect(losses[0], expected.Losses, expected.LossBounds);
        run.Expect(logits[0], expected.Gradients, expected.GradientBounds);
        run.Expect(losses[1], run.Read(losses[0]), 0);
        run.Expect(logits[1], run.Read(logits[0]), 0);
        run.Expect(alone, run.Read(losses[0]), 0);
        run.Expect(scale, [factor], 3 * Bounds.Unit(TensorType.F32) * factor);
        run.Expect(flag, [size.Special ? 1 : 0], 0);
        double sum = expected.Losses.Sum() * factor, magnitude = expected.Losses.Sum(Math.Abs) * factor;
        run.Expect(mean, [sum], double.IsFinite(sum) ? expected.LossBounds.Sum() * factor + Bounds.Gamma(rows / 256 + 20) * magnitude : 0);

        GpuCrossEntropyArguments Arguments(CheckBuffer x, CheckBuffer result) =>
            new() { Logits = x, Type = size.Type, Stride = stride, Targets = ids, Losses = result };
    }

    private static void MakeSpecial(double[] values, int[] targets, int vocabulary, int stride)
    {
        values[0 * stride + 700] = double.NaN;
        values[1 * stride + 1] = double.PositiveInfinity;
        values[3 * stride + 600] = double.NegativeInfinity;
        targets[4] = 600;
        values[4 * stride + 600] = double.NegativeInfinity; // an infinite loss
        values.AsSpan(5 * stride, vocabulary).Fill(double.NegativeInfinity);
        values.AsSpan(6 * stride, vocabulary - 1).Fill(double.NegativeInfinity);
        values.AsSpan(2 * stride, vocabulary).Fill(double.NaN); // does not count
        targets[8] = vocabulary;
    }
}
