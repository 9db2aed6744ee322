using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>The storage type that a variant of a source calls <c>real</c>.</summary>
internal static class RealType
{
    /// <summary>The defines that select it in the dialect's header.</summary>
    public static (string Name, string Value)[] Defines(TensorType type) => type switch
    {
        TensorType.F32 => [],
        TensorType.BF16 => [("REAL_BF16", "1")],
        TensorType.F16 => [("REAL_FP16", "1")],
        _ => throw new ArgumentException($"Kernels compute on F32, BF16 and F16, not on {type}."),
    };

    /// <summary>The dialect's name of the type, for sources with several types: "float", "bf16", "fp16".</summary>
    public static string Name(TensorType type) => type == TensorType.F32 ? "float" : Suffix(type).ToLowerInvariant();

    /// <summary>The dialect's macro for the type: LOAD4_ and BF16 is LOAD4_BF16.</summary>
    public static string Macro(string prefix, TensorType type) => prefix + Suffix(type);

    /// <summary>Whether four elements can be read at once from this address.</summary>
    public static bool IsAligned(GpuPointer pointer, TensorType type) => pointer.Address % (4 * (nuint)Bytes(type)) == 0;

    /// <summary>Bytes of one element, without the allocation of a look-up.</summary>
    public static int Bytes(TensorType type) => type switch
    {
        TensorType.F32 or TensorType.I32 or TensorType.U32 => 4,
        TensorType.F16 or TensorType.BF16 or TensorType.I16 or TensorType.U16 => 2,
        TensorType.F8E4M3 or TensorType.F8E5M2 or TensorType.I8 or TensorType.U8 => 1,
        _ => type.Bits() / 8,
    };

    private static string Suffix(TensorType type) => type switch
    {
        TensorType.F32 => "F32",
        TensorType.BF16 => "BF16",
        TensorType.F16 => "FP16",
        _ => throw new ArgumentException($"Kernels compute on F32, BF16 and F16, not on {type}."),
    };
}
