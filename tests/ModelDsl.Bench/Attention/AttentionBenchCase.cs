using ModelDsl.Runtime;

namespace ModelDsl.Bench.Attention;

/// <summary>An attention of a model.</summary>
internal sealed record AttentionBenchCase(string Name, int Batch, int Heads, int KeyHeads, int Queries, int Keys, int HeadSize)
{
    public static IReadOnlyList<AttentionBenchCase> All { get; } =
    [
        new("GPT-2 124M", 4, 12, 12, 64, 64, 64),
        new("small", 12, 6, 6, 256, 256, 64),
        new("T 1024, D 64", 1, 12, 12, 1024, 1024, 64),
        new("T 1024, D 128", 1, 16, 16, 1024, 1024, 128),
        new("T 1024, D 64, 4 queries a key head", 1, 16, 4, 1024, 1024, 64),
        new("decode, 12 heads, 4096 keys", 1, 12, 12, 1, 4096, 64),
        new("decode, 32 over 8 heads, 4096 keys", 1, 32, 8, 1, 4096, 128),
    ];

    /// <summary>Whether there is a training step with this shape.</summary>
    public bool Trains => Queries > 1;

    /// <summary>Pairs of a query and a key that it sees.</summary>
    private double Pairs => (double)Batch * Heads * Queries * (Keys - (Queries - 1) / 2.0);

    /// <summary>Two products forward and five backward; masked pairs are no work.</summary>
    public double ForwardFlops => 4 * Pairs * HeadSize;
    public double BackwardFlops => 10 * Pairs * HeadSize;

    /// <summary>Keys and values, read once.</summary>
    public double Bytes => 2.0 * Batch * Keys * KeyHeads * HeadSize * sizeof(float);

    public int TokenFloats => (Heads + 2 * KeyHeads) * HeadSize;

    /// <summary>In training the three stand side by side in a token; in decoding keys and values are caches of their own.</summary>
    public unsafe AttentionArguments Arguments(float* tokens, float* output, float* logSumExp)
    {
        float* key = Trains ? tokens + Heads * HeadSize : tokens + (long)Batch * Queries * Heads * HeadSize;
        float* value = key + (Trains ? KeyHeads * HeadSize : (long)Batch * Keys * KeyHeads * HeadSize);
        int stride = Trains ? TokenFloats : KeyHeads * HeadSize;
        return new()
        {
            Query = tokens, Key = key, Value = value, Output = output, LogSumExp = logSumExp,
            Batch = Batch, QueryLength = Queries, KeyLength = Keys, Heads = Heads, KeyHeads = KeyHeads, HeadSize = HeadSize,
            QueryStride = Trains ? stride : Heads * HeadSize, KeyStride = stride, ValueStride = stride, OutputStride = Heads * HeadSize,
            KeyBatchStride = (long)Keys * stride, ValueBatchStride = (long)Keys * stride,
            Scale = 1 / MathF.Sqrt(HeadSize), Causal = true, QueryStart = Keys - Queries,
        };
    }
}
