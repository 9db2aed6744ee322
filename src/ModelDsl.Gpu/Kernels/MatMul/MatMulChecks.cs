using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>Checks the arguments of the portable matrix product.</summary>
internal static class MatMulChecks
{
    /// <exception cref="NotSupportedException">The dialect lacks a type.</exception>
    /// <exception cref="ArgumentException">Sizes, strides or pointers are inconsistent.</exception>
    public static void ThrowIfWrong(in MatMulArguments arguments)
    {
        if (arguments.M < 0 || arguments.N < 0 || arguments.K < 0)
            throw new ArgumentException($"A matrix product has a negative size: {arguments.Shape}.");
        CheckType("A", arguments.A, arguments);
        CheckType("B", arguments.B, arguments);
        CheckType("D", arguments.D, arguments);
        CheckStride("A", arguments.A.Stride, arguments.A.Transposed ? arguments.M : arguments.K, arguments);
        CheckStride("B", arguments.B.Stride, arguments.B.Transposed ? arguments.K : arguments.N, arguments);
        CheckStride("D", arguments.D.Stride, arguments.N, arguments);
        if (arguments.D.Transposed)
            throw new ArgumentException($"D of a matrix product cannot be transposed; exchange A and B instead: {arguments.Shape}.");
        if (!arguments.ScaleA.IsNull || !arguments.ScaleB.IsNull)
            throw new ArgumentException($"Scales are for fp8 operands alone: {arguments.Shape}.");
        if (arguments.Epilogue is not (MatMulEpilogue.None or MatMulEpilogue.Gelu or MatMulEpilogue.GeluGradient) && arguments.Bias.IsNull)
            throw new ArgumentException($"The epilogue needs Bias: {arguments.Shape}.");
        if (arguments.Epilogue is MatMulEpilogue.GeluAuxiliaryBias or MatMulEpilogue.GeluGradient or MatMulEpilogue.GeluGradientBiasGradient)
        {
            if (arguments.Auxiliary.IsNull)
                throw new ArgumentException($"The epilogue needs Auxiliary: {arguments.Shape}.");
            CheckStride("Auxiliary", arguments.AuxiliaryStride, arguments.N, arguments);
        }
        if (arguments.Epilogue == MatMulEpilogue.BiasGradientOfA && !arguments.A.Transposed)
            throw new ArgumentException($"The epilogue needs A transposed, stored [K, M]: {arguments.Shape}.");
    }

    private static void CheckType(string operand, in GpuMatrix matrix, in MatMulArguments arguments)
    {
        if (matrix.Type is not (TensorType.F32 or TensorType.BF16 or TensorType.F16))
            throw new NotSupportedException(
                $"{operand} of a matrix product is {matrix.Type}; without CUDA's cuBLASLt it can be F32, BF16 or F16: {arguments.Shape}.");
        if (matrix.Data.IsNull)
            throw new ArgumentException($"{operand} of a matrix product is null: {arguments.Shape}.");
    }

    private static void CheckStride(string operand, long stride, int columns, in MatMulArguments arguments)
    {
        if (stride < columns)
            throw new ArgumentException($"{operand} has rows of {columns} elements, {stride} from one to the next: {arguments.Shape}.");
    }
}
