using System.Numerics;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Cuda;

/// <summary>Everything that the choice of an algorithm depends on: sizes, types, layouts, epilogue, and the pointers' alignment.</summary>
internal readonly record struct BlasLtKey(
    int M, int N, int K, TensorType TypeA, TensorType TypeB, TensorType TypeD, long StrideA, long StrideB, long StrideD,
    bool TransposedA, bool TransposedB, MatMulEpilogue Epilogue, long AuxiliaryStride, bool AllowTf32, int Alignments)
{
    public static BlasLtKey Of(in MatMulArguments arguments) => new(
        arguments.M, arguments.N, arguments.K, arguments.A.Type, arguments.B.Type, arguments.D.Type,
        arguments.A.Stride, arguments.B.Stride, arguments.D.Stride, arguments.A.Transposed, arguments.B.Transposed,
        arguments.Epilogue, arguments.AuxiliaryStride, arguments.AllowTf32,
        LogAlignment(arguments.A.Data) | LogAlignment(arguments.B.Data) << 4 | LogAlignment(arguments.D.Data) << 8
            | LogAlignment(arguments.Bias) << 12 | LogAlignment(arguments.Auxiliary) << 16);

    /// <summary>The alignment of a pointer in bytes, at most 256: the library requires no more.</summary>
    public static uint Alignment(GpuPointer pointer) => 1u << LogAlignment(pointer);

    private static int LogAlignment(GpuPointer pointer) => Math.Min(8, BitOperations.TrailingZeroCount(pointer.Address));
}
