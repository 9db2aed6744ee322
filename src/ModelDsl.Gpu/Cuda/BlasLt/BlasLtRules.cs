using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Cuda;

/// <summary>Checks what cuBLASLt can multiply, with clear errors; the library itself only answers "not supported".</summary>
internal static class BlasLtRules
{
    /// <param name="capability">The device's compute capability, 90 for 9.0.</param>
    /// <exception cref="ArgumentException">No device supports the product.</exception>
    /// <exception cref="GpuException">This device does not support it.</exception>
    public static void Check(in MatMulArguments arguments, int capability)
    {
        if (Refuse(arguments) is { } reason)
            throw new ArgumentException($"{arguments.Shape}: {reason}.");
        if (NeededCapability(arguments.A.Type) is var needed && capability < needed)
        {
            throw new GpuException(
                $"{arguments.Shape}: {arguments.A.Type} needs compute capability {needed / 10}.{needed % 10}; this device has {capability / 10}.{capability % 10}.");
        }
    }

    public static bool IsFp8(TensorType type) => type is TensorType.F8E4M3 or TensorType.F8E5M2;

    public static bool ReadsBias(MatMulEpilogue epilogue) =>
        epilogue is MatMulEpilogue.Bias or MatMulEpilogue.GeluBias or MatMulEpilogue.GeluAuxiliaryBias;

    public static bool WritesBias(MatMulEpilogue epilogue) =>
        epilogue is MatMulEpilogue.GeluGradientBiasGradient or MatMulEpilogue.BiasGradientOfA;

    public static bool HasAuxiliary(MatMulEpilogue epilogue) =>
        epilogue is MatMulEpilogue.GeluAuxiliaryBias or MatMulEpilogue.GeluGradient or MatMulEpilogue.GeluGradientBiasGradient;

    private static int NeededCapability(TensorType type) => type switch
    {
        TensorType.BF16 => 80,
        TensorType.F8E4M3 or TensorType.F8E5M2 => 89,
        _ => 0,
    };

    private static string? Refuse(in MatMulArguments arguments) =>
        RefuseSizes(arguments) ?? RefuseTypes(arguments) ?? RefuseEpilogue(arguments) ?? (IsFp8(arguments.A.Type) ? RefuseFp8(arguments) : null);

    private static string? RefuseSizes(in MatMulArguments arguments)
    {
        if (arguments.M < 0 || arguments.N < 0 || arguments.K <= 0)
            return "M and N are 0 or more and K is at least 1";
        if (arguments.D.Transposed)
            return "D cannot be transposed; swap and transpose the operands instead";
        return RefuseStride("A", arguments.A, arguments.A.Transposed ? arguments.M : arguments.K)
            ?? RefuseStride("B", arguments.B, arguments.B.Transposed ? arguments.K : arguments.N)
            ?? RefuseStride("D", arguments.D, arguments.N);
    }

    private static string? RefuseStride(string name, GpuMatrix matrix, int width) => matrix switch
    {
        { Data.IsNull: true } => $"{name} is null",
        _ when matrix.Stride < width => $"the stride of {name} is {matrix.Stride}, less than the {width} elements of its stored rows",
        _ => null,
    };

    private static string? RefuseTypes(in MatMulArguments arguments) => (arguments.A.Type, arguments.B.Type, arguments.D.Type) switch
    {
        (TensorType.F32, TensorType.F32, TensorType.F32) => null,
        (TensorType.BF16, TensorType.BF16, TensorType.BF16 or TensorType.F32) => null,
        (TensorType.F16, TensorType.F16, TensorType.F16 or TensorType.F32) => null,
        (TensorType.F8E5M2, TensorType.F8E5M2, _) => "one of A and B must be F8E4M3",
        var (a, b, d) when IsFp8(a) && IsFp8(b) => d is TensorType.BF16 or TensorType.F16 or TensorType.F32 ? null : "fp8 is multiplied into BF16, F16 or F32; cast the result afterwards",
        _ => "the types are F32, or BF16 or F16 into the same type or F32, or fp8 into BF16, F16 or F32",
    };

    private static string? RefuseEpilogue(in MatMulArguments arguments)
    {
        MatMulEpilogue epilogue = arguments.Epilogue;
        if ((ReadsBias(epilogue) || WritesBias(epilogue)) && arguments.Bias.IsNull)
            return $"{epilogue} needs Bias";
        if (epilogue == MatMulEpilogue.BiasGradientOfA && !arguments.A.Transposed)
            return "BiasGradientOfA needs A stored transposed";
        if (!HasAuxiliary(epilogue))
            return null;
        if (arguments.Auxiliary.IsNull)
            return $"{epilogue} needs Auxiliary";
        return arguments.AuxiliaryStride < arguments.N || arguments.AuxiliaryStride % 8 != 0
            ? $"AuxiliaryStride is {arguments.AuxiliaryStride}; it must be a multiple of 8 and at least N"
            : null;
    }

    private static string? RefuseFp8(in MatMulArguments arguments)
    {
        if (arguments.A.Transposed || !arguments.B.Transposed)
            return "in fp8 A is stored as it is and B transposed; store a transposed copy";
        if (arguments.N % 16 != 0 || arguments.K % 16 != 0)
            return "in fp8 N and K are multiples of 16";
        if (!IsAligned(arguments.A) || !IsAligned(arguments.B) || !IsAligned(arguments.D))
            return "in fp8 matrices begin at multiples of 16 bytes and their strides are multiples of 16 elements";
        if (WritesBias(arguments.Epilogue) || arguments.Epilogue == MatMulEpilogue.GeluGradient)
            return $"in fp8 there is no {arguments.Epilogue}; multiply first";
        return ReadsBias(arguments.Epilogue) && arguments.D.Type == TensorType.F32 ? "fp8 into F32 takes no bias; multiply into BF16, or add it afterwards" : null;
    }

    private static bool IsAligned(GpuMatrix matrix) => matrix.Data.Address % 16 == 0 && matrix.Stride % 16 == 0;
}
