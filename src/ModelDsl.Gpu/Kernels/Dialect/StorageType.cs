using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Kernels;

/// <summary>What the dialect calls the element types that it can store.</summary>
internal static class StorageType
{
    /// <summary>The C type: "float", "bf16", "fp16".</summary>
    public static string Name(TensorType type) => type == TensorType.F32 ? "float" : Suffix(type).ToLowerInvariant();

    /// <summary>The macro of a type: "LOAD4_" and BF16 is LOAD4_BF16.</summary>
    public static string Macro(string prefix, TensorType type) => prefix + Suffix(type);

    private static string Suffix(TensorType type) => type switch
    {
        TensorType.F32 => "F32",
        TensorType.BF16 => "BF16",
        TensorType.F16 => "FP16",
        _ => throw new NotSupportedException($"The kernel dialect has no {type}; it has F32, BF16 and F16."),
    };
}
