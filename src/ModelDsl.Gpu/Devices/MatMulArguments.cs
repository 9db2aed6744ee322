using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>The operation that a matrix product applies to its result before storing it.</summary>
public enum MatMulEpilogue
{
    None,
    /// <summary>D = AB + bias, one bias per column.</summary>
    Bias,
    /// <summary>D = gelu(AB), tanh form (Hendrycks and Gimpel, 2016).</summary>
    Gelu,
    /// <summary>D = gelu(AB + bias).</summary>
    GeluBias,
    /// <summary>As <see cref="GeluBias"/>, and Auxiliary = AB + bias for the backward pass.</summary>
    GeluAuxiliaryBias,
    /// <summary>D = AB * gelu'(Auxiliary): the gradient before the activation.</summary>
    GeluGradient,
    /// <summary>As <see cref="GeluGradient"/>, and Bias[n] = the sum of D's column n: the gradient of the bias.</summary>
    GeluGradientBiasGradient,
    /// <summary>D = AB where A is stored transposed [K, M] and is the gradient dY^T: Bias[m] = the sum of A's row m, the gradient of the bias of dY.</summary>
    BiasGradientOfA,
}

/// <summary>A row-major matrix on a device: <paramref name="Stride"/> elements from one stored row to the next.</summary>
/// <param name="Transposed">The operand is the transpose of the stored matrix.</param>
public readonly record struct GpuMatrix(GpuPointer Data, TensorType Type, long Stride, bool Transposed = false);

/// <summary>
/// D[M, N] = epilogue(Alpha * A[M, K] B[K, N] + Beta * C[M, N]); sums in fp32, all row-major.
/// </summary>
/// <remarks>
/// A and B are F32, BF16, F16 or fp8 (F8E4M3, F8E5M2; then A is not transposed, B is, and K, N and strides are
/// multiples of 16). If Beta is not 0, C is the previous value of D.
/// </remarks>
public record struct MatMulArguments
{
    public int M, N, K;
    public GpuMatrix A, B, D;
    public float Alpha = 1, Beta = 0;
    public MatMulEpilogue Epilogue;

    /// <summary>[N] of D's type ([M] for BiasGradientOfA); read or written depending on <see cref="Epilogue"/>.</summary>
    public GpuPointer Bias;

    /// <summary>[M, N] of D's type with <see cref="AuxiliaryStride"/>: the argument of GELU.</summary>
    public GpuPointer Auxiliary;
    public long AuxiliaryStride;

    /// <summary>fp8: one F32 on the device by which A (B) is multiplied; null means 1.</summary>
    public GpuPointer ScaleA, ScaleB;

    /// <summary>F32 operands may be rounded to TF32 (10 mantissa bits) for the tensor cores.</summary>
    public bool AllowTf32;

    public MatMulArguments() { }

    /// <summary>Describes the product in errors: "[M, K] x [K, N] bf16".</summary>
    public readonly string Shape =>
        $"[{M}, {K}]{(A.Transposed ? "^T" : "")} {A.Type} x [{K}, {N}]{(B.Transposed ? "^T" : "")} {B.Type} -> {D.Type}, {Epilogue}";
}
