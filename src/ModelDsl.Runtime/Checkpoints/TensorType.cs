namespace ModelDsl.Runtime;

/// <summary>The element types of the safetensors format.</summary>
public enum TensorType
{
    Bool, U8, I8, U16, I16, U32, I32, U64, I64,
    F16, BF16, F32, F64, C64,
    /// <summary>4 exponent and 3 mantissa bits, no infinities (Micikevicius et al., 2022).</summary>
    F8E4M3,
    /// <summary>5 exponent and 2 mantissa bits, IEEE infinities.</summary>
    F8E5M2,
    /// <summary>An exponent alone, a power of two (OCP microscaling, 2023).</summary>
    F8E8M0,
    F6E2M3, F6E3M2, F4,
}

/// <summary>Names as headers spell them, and sizes.</summary>
public static class TensorTypes
{
    private static readonly (TensorType Type, string Name, int Bits)[] All =
    [
        (TensorType.Bool, "BOOL", 8), (TensorType.U8, "U8", 8), (TensorType.I8, "I8", 8),
        (TensorType.U16, "U16", 16), (TensorType.I16, "I16", 16), (TensorType.U32, "U32", 32), (TensorType.I32, "I32", 32),
        (TensorType.U64, "U64", 64), (TensorType.I64, "I64", 64),
        (TensorType.F16, "F16", 16), (TensorType.BF16, "BF16", 16), (TensorType.F32, "F32", 32), (TensorType.F64, "F64", 64),
        (TensorType.C64, "C64", 64),
        (TensorType.F8E4M3, "F8_E4M3", 8), (TensorType.F8E5M2, "F8_E5M2", 8), (TensorType.F8E8M0, "F8_E8M0", 8),
        (TensorType.F6E2M3, "F6_E2M3", 6), (TensorType.F6E3M2, "F6_E3M2", 6), (TensorType.F4, "F4", 4),
    ];

    /// <summary>The header's spelling.</summary>
    public static string Name(this TensorType type) => All[Array.FindIndex(All, row => row.Type == type)].Name;

    /// <summary>Bits of one element.</summary>
    public static int Bits(this TensorType type) => All[Array.FindIndex(All, row => row.Type == type)].Bits;

    /// <summary>Finds a type by the header's spelling.</summary>
    public static bool TryParse(string name, out TensorType type)
    {
        int index = Array.FindIndex(All, row => row.Name == name);
        type = index < 0 ? default : All[index].Type;
        return index >= 0;
    }
}
