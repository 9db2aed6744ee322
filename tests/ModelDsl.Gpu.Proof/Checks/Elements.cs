using System.Buffers.Binary;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Elements of tensors as a device stores them, to and from float64; rounded to nearest even.</summary>
public static class Elements
{
    /// <summary>Little-endian elements.</summary>
    public static byte[] Encode(ReadOnlySpan<double> values, TensorType type)
    {
        int size = type.Bits() / 8;
        var bytes = new byte[checked(values.Length * size)];
        for (int i = 0; i < values.Length; i++)
        {
            var place = bytes.AsSpan(i * size, size);
            switch (type)
            {
                case TensorType.F32: BinaryPrimitives.WriteSingleLittleEndian(place, (float)values[i]); break;
                case TensorType.F16: BinaryPrimitives.WriteHalfLittleEndian(place, (Half)values[i]); break;
                case TensorType.BF16: BinaryPrimitives.WriteUInt16LittleEndian(place, ToBrain(values[i])); break;
                case TensorType.F8E4M3 or TensorType.F8E5M2: place[0] = ToEight(values[i], type); break;
                case TensorType.I32: BinaryPrimitives.WriteInt32LittleEndian(place, (int)values[i]); break;
                case TensorType.I64: BinaryPrimitives.WriteInt64LittleEndian(place, (long)values[i]); break;
                default: throw new NotSupportedException($"Checks have no {type} buffers.");
            }
        }
        return bytes;
    }

    public static double[] Decode(ReadOnlySpan<byte> bytes, TensorType type)
    {
        int size = type.Bits() / 8;
        var values = new double[bytes.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            var place = bytes.Slice(i * size, size);
            values[i] = type switch
            {
                TensorType.F32 => BinaryPrimitives.ReadSingleLittleEndian(place),
                TensorType.F16 => (double)BinaryPrimitives.ReadHalfLittleEndian(place),
                TensorType.BF16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(place) << 16),
                TensorType.F8E4M3 or TensorType.F8E5M2 => FromEight(place[0], type),
                TensorType.I32 => BinaryPrimitives.ReadInt32LittleEndian(place),
                TensorType.I64 => BinaryPrimitives.ReadInt64LittleEndian(place),
                _ => throw new NotSupportedException($"Checks have no {type} buffers."),
            };
        }
        return values;
    }

    /// <summary>A value as an element of <paramref name="type"/> would hold it.</summary>
    public static double Round(double value, TensorType type) => Decode(Encode([value], type), type)[0];

    // Rounded from float64 in one step: through float32 a value near a tie would be rounded twice.
    private static ushort ToBrain(double value)
    {
        if (double.IsNaN(value))
            return 0x7FC0;
        double magnitude = Math.Min(Math.Abs(value), 2 * (double)float.MaxValue);
        double step = Math.ScaleB(1, Math.Max(-126, magnitude == 0 ? -126 : Math.ILogB(magnitude)) - 7);
        float rounded = (float)(Math.Round(magnitude / step, MidpointRounding.ToEven) * step); // exact, or infinite
        return (ushort)(BitConverter.SingleToUInt32Bits(rounded) >> 16 | (double.IsNegative(value) ? 0x8000u : 0));
    }

    // The nearest of 256 values; beyond the largest it saturates, as the conversions of CUDA do (Micikevicius et al., 2022).
    private static byte ToEight(double value, TensorType type)
    {
        if (double.IsNaN(value))
            return 0x7F;
        double magnitude = Math.Abs(value);
        int largest = type == TensorType.F8E4M3 ? 0x7E : 0x7B, low = 0, high = largest;
        while (low < high) // codes are in the order of their values
        {
            int middle = (low + high + 1) / 2;
            (low, high) = FromEight((byte)middle, type) <= magnitude ? (middle, high) : (low, middle - 1);
        }
        if (low < largest)
        {
            double below = magnitude - FromEight((byte)low, type), above = FromEight((byte)(low + 1), type) - magnitude;
            if (above < below || above == below && low % 2 == 1)
                low++;
        }
        return (byte)(low | (double.IsNegative(value) ? 0x80 : 0));
    }

    private static double FromEight(byte bits, TensorType type)
    {
        int mantissaBits = type == TensorType.F8E4M3 ? 3 : 2, bias = type == TensorType.F8E4M3 ? 7 : 15;
        int exponent = (bits & 0x7F) >> mantissaBits, mantissa = bits & (1 << mantissaBits) - 1;
        double magnitude = exponent == 0
            ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
            : Math.ScaleB((1 << mantissaBits) + mantissa, exponent - bias - mantissaBits);
        if (type == TensorType.F8E4M3 && (bits & 0x7F) == 0x7F || type == TensorType.F8E5M2 && exponent == 31 && mantissa != 0)
            magnitude = double.NaN;
        else if (type == TensorType.F8E5M2 && exponent == 31)
            magnitude = double.PositiveInfinity;
        return bits < 128 ? magnitude : -magnitude;
    }
}
