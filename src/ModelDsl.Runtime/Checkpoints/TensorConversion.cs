using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>Stored elements to float32, rounded to nearest where float32 is narrower.</summary>
internal static class TensorConversion
{
    public static bool CanConvert(TensorType type) =>
        type is not (TensorType.C64 or TensorType.F8E8M0 or TensorType.F6E2M3 or TensorType.F6E3M2 or TensorType.F4);

    /// <summary>Little-endian elements of <paramref name="type"/> to floats; the sizes must agree.</summary>
    public static void ToSingles(TensorType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case TensorType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case TensorType.BF16:
                var brain = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < destination.Length; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)brain[i] << 16);
                break;
            case TensorType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(source);
                for (int i = 0; i < destination.Length; i++)
                    destination[i] = (float)halves[i];
                break;
            default:
                int size = type.Bits() / 8;
                for (int i = 0; i < destination.Length; i++)
                    destination[i] = ToSingle(type, source.Slice(i * size, size));
                break;
        }
    }

    private static float ToSingle(TensorType type, ReadOnlySpan<byte> element) => type switch
    {
        TensorType.F64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(element),
        TensorType.Bool => element[0] == 0 ? 0 : 1,
        TensorType.U8 => element[0],
        TensorType.I8 => (sbyte)element[0],
        TensorType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(element),
        TensorType.I16 => BinaryPrimitives.ReadInt16LittleEndian(element),
        TensorType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(element),
        TensorType.I32 => BinaryPrimitives.ReadInt32LittleEndian(element),
        TensorType.U64 => BinaryPrimitives.ReadUInt64LittleEndian(element),
        TensorType.I64 => BinaryPrimitives.ReadInt64LittleEndian(element),
        TensorType.F8E5M2 => (float)BitConverter.UInt16BitsToHalf((ushort)(element[0] << 8)),
        TensorType.F8E4M3 => FromE4M3(element[0]),
        _ => throw new NotSupportedException($"{type.Name()} has no conversion to float32."),
    };

    private static float FromE4M3(byte bits)
    {
        int exponent = bits >> 3 & 15, mantissa = bits & 7;
        float magnitude = (exponent, mantissa) switch
        {
            (15, 7) => float.NaN,
            (0, _) => MathF.ScaleB(mantissa, -9),
            _ => MathF.ScaleB(8 + mantissa, exponent - 10),
        };
        return bits < 128 ? magnitude : -magnitude;
    }
}
