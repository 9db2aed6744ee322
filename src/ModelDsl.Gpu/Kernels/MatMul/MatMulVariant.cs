using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>A variant of <c>matmul.c</c>.</summary>
/// <param name="Tile">A group computes Tile x Tile elements of the result: 64 or 128.</param>
/// <param name="VectorA">Stored rows of A begin at multiples of four elements; likewise for B and D (with bias and auxiliary).</param>
internal readonly record struct MatMulVariant(
    TensorType A, TensorType B, TensorType D, bool TransposedA, bool TransposedB, int Tile,
    bool VectorA, bool VectorB, bool VectorD, bool Bias, bool Gelu, bool Auxiliary, bool Gradient)
{
    /// <summary>Large tiles read less, but only enough of them keep every multiprocessor busy.</summary>
    public static int BestTile(in MatMulArguments arguments, int multiprocessors) =>
        arguments.M > 64 && arguments.N > 64 && Tiles(arguments.M, 128) * Tiles(arguments.N, 128) >= multiprocessors ? 128 : 64;

    public static MatMulVariant Of(in MatMulArguments arguments, int tile)
    {
        MatMulEpilogue epilogue = arguments.Epilogue;
        bool bias = epilogue is MatMulEpilogue.Bias or MatMulEpilogue.GeluBias or MatMulEpilogue.GeluAuxiliaryBias;
        bool auxiliary = epilogue == MatMulEpilogue.GeluAuxiliaryBias;
        bool gradient = epilogue is MatMulEpilogue.GeluGradient or MatMulEpilogue.GeluGradientBiasGradient;
        return new(
            arguments.A.Type, arguments.B.Type, arguments.D.Type, arguments.A.Transposed, arguments.B.Transposed, tile,
            InFours(arguments.A.Data, arguments.A.Stride, arguments.A.Type),
            InFours(arguments.B.Data, arguments.B.Stride, arguments.B.Type),
            InFours(arguments.D.Data, arguments.D.Stride, arguments.D.Type)
                && (!bias || InFours(arguments.Bias, 0, arguments.D.Type))
                && (!(auxiliary || gradient) || InFours(arguments.Auxiliary, arguments.AuxiliaryStride, arguments.D.Type)),
            bias, epilogue is MatMulEpilogue.Gelu or MatMulEpilogue.GeluBias or MatMulEpilogue.GeluAuxiliaryBias, auxiliary, gradient);
    }

    public static long Tiles(int length, int tile) => ((long)length + tile - 1) / tile;

    public KernelSource Source => KernelSource.Own(
        "matmul.c",
        ("TILE", $"{Tile}"),
        ("TRANSPOSED_A", Flag(TransposedA)), ("TRANSPOSED_B", Flag(TransposedB)),
        ("VECTOR_A", Flag(VectorA)), ("VECTOR_B", Flag(VectorB)), ("VECTOR_D", Flag(VectorD)),
        ("BIAS", Flag(Bias)), ("GELU", Flag(Gelu)), ("AUXILIARY", Flag(Auxiliary)), ("GRADIENT", Flag(Gradient)),
        ("TYPE_A", RealType.Name(A)), ("LOAD_A", RealType.Macro("LOAD_", A)), ("LOAD4_A", RealType.Macro("LOAD4_", A)),
        ("TYPE_B", RealType.Name(B)), ("LOAD_B", RealType.Macro("LOAD_", B)), ("LOAD4_B", RealType.Macro("LOAD4_", B)),
        ("TYPE_D", RealType.Name(D)), ("LOAD_D", RealType.Macro("LOAD_", D)), ("LOAD4_D", RealType.Macro("LOAD4_", D)),
        ("STORE_D", RealType.Macro("STORE_", D)), ("STORE4_D", RealType.Macro("STORE4_", D)));

    public bool Equals(MatMulVariant other) => Code == other.Code;

    public override int GetHashCode() => Code.GetHashCode();

    // All fields in one number: a record's generated equality boxes enums until the JIT optimises it.
    private long Code =>
        (long)A | (long)B << 8 | (long)D << 16 | (long)Tile << 24
        | Bit(TransposedA, 40) | Bit(TransposedB, 41) | Bit(VectorA, 42) | Bit(VectorB, 43) | Bit(VectorD, 44)
        | Bit(Bias, 45) | Bit(Gelu, 46) | Bit(Auxiliary, 47) | Bit(Gradient, 48);

    private static long Bit(bool value, int place) => value ? 1L << place : 0;

    private static string Flag(bool value) => value ? "1" : "0";

    private static bool InFours(GpuPointer data, long stride, TensorType type) =>
        stride % 4 == 0 && RealType.IsAligned(data, type);
}
