namespace ModelDsl.Bench.Gemm;

/// <summary>One product C[M, N] = A[M, K] B[K, N] that is measured.</summary>
internal sealed record GemmCase(string Name, int M, int N, int K, bool TransposeA, bool TransposeB, bool Accumulate = false)
{
    public string Layout => (TransposeA ? "T" : "N") + (TransposeB ? "T" : "N") + (Accumulate ? "+" : "");

    public double Flops => 2.0 * M * N * K;

    /// <summary>1024 cubed, then the three products of each linear layer of a training step, then single tokens.</summary>
    public static IEnumerable<GemmCase> All()
    {
        yield return new("1024 cubed", 1024, 1024, 1024, false, true);
        yield return new("1024 cubed", 1024, 1024, 1024, false, false);
        yield return new("1024 cubed", 1024, 1024, 1024, true, false);
        foreach (var (n, k) in new[] { (2304, 768), (768, 768), (3072, 768), (768, 3072), (50257, 768) })
            foreach (var step in Linear("GPT-2 124M", 256, n, k))
                yield return step;
        foreach (var (n, k) in new[] { (1152, 384), (384, 384), (1536, 384), (384, 1536), (65, 384) })
            foreach (var step in Linear("small GPT", 3072, n, k))
                yield return step;
        foreach (int m in new[] { 1, 4, 8 })
        {
            yield return new("decode", m, 2304, 768, false, true);
            yield return new("decode", m, 768, 3072, false, true);
            yield return new("decode", m, 50257, 768, false, true);
        }
        yield return new("decode", 1, 50257, 768, false, false);
        yield return new("decode", 16, 3072, 768, false, true);
    }

    /// <summary>Forward Y = X W^T, the input's gradient dY W, the weights' gradient += dY^T X.</summary>
    private static GemmCase[] Linear(string name, int tokens, int outputs, int inputs) =>
    [
        new(name, tokens, outputs, inputs, false, true),
        new(name, tokens, inputs, outputs, false, false),
        new(name, outputs, inputs, tokens, true, false),
        new(name, outputs, inputs, tokens, true, false, Accumulate: true),
    ];
}
