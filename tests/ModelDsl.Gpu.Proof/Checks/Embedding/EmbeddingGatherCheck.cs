using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A size of the embedding's checks.</summary>
public sealed record EmbeddingSize(int Tokens, int Vocabulary, int Width, TensorType Type, bool Unknown = false)
{
    public override string ToString() => $"T {Tokens} V {Vocabulary} W {Width} {Type}{(Unknown ? " unknown ids" : "")}";
}

/// <summary>Rows by ids; ids out of range are reported with their position.</summary>
public sealed class EmbeddingGatherCheck : Check<EmbeddingSize>
{
    public override string Name => "embedding gather";

    protected override IReadOnlyList<EmbeddingSize> Quick =>
    [
        new(1, 1, 1, TensorType.F32), new(37, 11, 64, TensorType.F32), new(37, 11, 7, TensorType.BF16), new(5, 300, 770, TensorType.BF16),
        new(40, 9, 33, TensorType.F32, true),
    ];

    protected override IReadOnlyList<EmbeddingSize> Full => [new(16384, 50257, 64, TensorType.F32), new(4096, 1000, 768, TensorType.BF16)];

    protected override void Run(CheckRun run, EmbeddingSize size)
    {
        int[] values = [.. Enumerable.Range(0, size.Tokens).Select(_ => run.Random.Next(size.Vocabulary))];
        if (size.Unknown)
            (values[17], values[23], values[30]) = (size.Vocabulary, -1, int.MaxValue);
        var data = run.Input("ids", values);
        var flag = run.InPlace("flag", [0], TensorType.I32);
        var table = run.Normal("table", size.Vocabulary * size.Width, size.Type);
        var output = run.Output("output", size.Tokens * size.Width, size.Type);
        var ids = new GpuIds(data, size.Tokens, size.Vocabulary, flag);
        new GpuEmbedding(run.Device).Gather(run.Stream, ids, table, output, size.Type, size.Width);

        var reference = new double[output.Count];
        for (int i = 0; i < reference.Length; i++)
        {
            int id = values[i / size.Width];
            reference[i] = id >= 0 && id < size.Vocabulary ? table.Values[id * size.Width + i % size.Width] : double.NaN;
        }
        run.Expect(output, reference, 0);
        run.Expect(flag, [size.Unknown ? 1 : 0], 0);
        string told = "";
        try
        {
            ids.Check(run.Stream, "tokens");
        }
        catch (GpuException error)
        {
            told = error.Message;
        }
        string expected = size.Unknown ? $"tokens[17] is {size.Vocabulary}; it must be 0 to {size.Vocabulary - 1}." : "";
        if (told != expected)
            throw new CheckFailedException($"the ids' check said '{told}', not '{expected}'");
    }
}
