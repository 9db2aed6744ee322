using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A product to check: D[M, N] = epilogue(Alpha A[M, K] B[K, N] + Beta D).</summary>
/// <param name="Type">The type of A and B.</param>
/// <param name="Result">The type of D, bias and auxiliary.</param>
/// <param name="Padding">Elements between stored rows, which must not change.</param>
public sealed record MatMulSize(
    int M, int N, int K, TensorType Type, TensorType Result, MatMulEpilogue Epilogue = MatMulEpilogue.None, string Layout = "nn",
    float Alpha = 1, float Beta = 0, int Padding = 0)
{
    /// <summary>The type of B if it differs from A's: the two fp8 types may be mixed.</summary>
    public TensorType? TypeOfB { get; init; }

    /// <summary>F32 on the tensor cores.</summary>
    public bool Tf32 { get; init; }

    public bool TransposedA => Layout[0] == 't';

    public bool TransposedB => Layout[1] == 't';

    public override string ToString() =>
        $"{M}x{N}x{K} {Type}{(TypeOfB is { } other ? $"*{other}" : "")}{(Tf32 ? " tf32" : "")}->{Result} {Layout} {Epilogue}"
        + $"{(Alpha == 1 ? "" : $" alpha {Alpha}")}{(Beta == 0 ? "" : $" beta {Beta}")}{(Padding == 0 ? "" : $" padding {Padding}")}";
}
