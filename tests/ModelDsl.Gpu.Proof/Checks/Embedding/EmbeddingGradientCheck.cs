using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Gradients summed by id: random ids, a single id, ids out of range; the same bits twice.</summary>
public sealed class EmbeddingGradientCheck : Check<EmbeddingSize>
{
    public override string Name => "embedding gradient";

    protected override IReadOnlyList<EmbeddingSize> Quick =>
    [
        new(1, 1, 1, TensorType.F32), new(64, 5, 3, TensorType.F32), new(65, 70_000, 20, TensorType.BF16), new(2100, 300, 5, TensorType.F32),
        new(1000, 2, 300, TensorType.BF16), new(500, 9, 33, TensorType.F32, true), new(3000, 1, 4, TensorType.F32),
    ];

    protected override IReadOnlyList<EmbeddingSize> Full =>
        [new(16384, 50257, 64, TensorType.F32), new(16384, 1, 128, TensorType.BF16), new(100_003, 128_256, 20, TensorType.BF16)];

    protected override void Run(CheckRun run, EmbeddingSize size)
    {
        int width = size.Width;
        // The square of a uniform number: a few ids are frequent, most are rare.
        int[] values = [.. Enumerable.Range(0, size.Tokens).Select(_ => (int)(size.Vocabulary * Math.Pow(run.Random.NextDouble(), 2)))];
        if (size.Unknown)
            (values[1], values[200], values[499]) = (size.Vocabulary, -1, int.MinValue);
        var data = run.Input("ids", values);
        var flag = run.InPlace("flag", [0], TensorType.I32);
        var gradient = run.Normal("gradient", size.Tokens * width, size.Type);
        double[] before = [.. Enumerable.Range(0, size.Vocabulary * width).Select(_ => run.Random.NextDouble())];
        CheckBuffer[] tables = [run.InPlace("table", before), run.InPlace("table again", before)];
        var scratch = run.Scratch("scratch", checked((int)(GpuEmbedding.ScratchBytes(size.Tokens, width) / 4)));
        var embedding = new GpuEmbedding(run.Device);
        foreach (var table in tables)
            embedding.AddGradient(run.Stream, new(data, size.Tokens, size.Vocabulary, flag), gradient, size.Type, table, width, scratch);

        double[] sums = [.. tables[0].Values], magnitudes = [.. sums.Select(Math.Abs)];
        var counts = new int[size.Vocabulary];
        for (int t = 0; t < size.Tokens; t++)
        {
            if (values[t] < 0 || values[t] >= size.Vocabulary)
                continue;
            counts[values[t]]++;
            for (int i = 0; i < width; i++)
            {
                sums[values[t] * width + i] += gradient.Values[t * width + i];
                magnitudes[values[t] * width + i] += Math.Abs(gradient.Values[t * width + i]);
            }
        }
        run.Expect(tables[0], sums, [.. magnitudes.Select((magnitude, i) => Bounds.Gamma(counts[i / width]) * magnitude)]);
        run.Expect(tables[1], run.Read(tables[0]), 0);
        run.Expect(flag, [size.Unknown ? 1 : 0], 0);
    }
}
