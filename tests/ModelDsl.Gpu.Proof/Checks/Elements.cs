using System.Buffers.Binary;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Converts between float64 and tensors' elements as a device stores them, rounding to nearest even.</summary>
public static class Elements
{
    // Elements of one piece of work; a multiple of everything.
    private const int Piece = 1 << 16;

    private static readonly double[] s_e4m3 = [.. Enumerable.Range(0, 256).Select(code => FromEight(code, 3, 7))];
    private static readonly double[] s_e5m2 = [.. Enumerable.Range(0, 256).Select(code => FromEight(code, 2, 15))];

    /// <summary>Little-endian elements.</summary>
    public static byte[] Encode(ReadOnlySpan<double> values, TensorType type)
    {
        int size = type.Bits() / 8;
        var bytes = new byte[checked(values.Length * size)];
        InPieces(values, bytes, size, (source, target) => Encode(source, target, type));
        return bytes;
    }

    public static double[] Decode(ReadOnlySpan<byte> bytes, TensorType type)
    {
        int size = type.Bits() / 8;
        var values = new double[bytes.Length / size];
        InPieces(values, bytes, size, (target, source) => Decode(source, target, type));
        return values;
    }

    /// <summary>A value rounded to an element of <paramref name="type"/>.</summary>
    public static double Round(double value, TensorType type)
    {
        Span<byte> bytes = stackalloc byte[type.Bits() / 8];
        Encode([value], bytes, type);
        Decode(bytes, new Span<double>(ref value), type);
        return value;
    }

    private static void Encode(ReadOnlySpan<double> values, Span<byte> bytes, TensorType type)
    {
        int size = type.Bits() / 8;
        for (int i = 0; i < values.Length; i++)
        {
            var place = bytes.Slice(i * size, size);
            switch (type)
            {
                case TensorType.F32: BinaryPrimitives.WriteSingleLittleEndian(place, (float)values[i]); break;
                case TensorType.F16: BinaryPrimitives.WriteHalfLittleEndian(place, (Half)values[i]); break;
                case TensorType.BF16: BinaryPrimitives.WriteUInt16LittleEndian(place, ToBrain(values[i])); break;
                case TensorType.F8E4M3: place[0] = ToEight(values[i], s_e4m3, 0x7E); break;
                case TensorType.F8E5M2: place[0] = ToEight(values[i], s_e5m2, 0x7B); break;
                case TensorType.I32: BinaryPrimitives.WriteInt32LittleEndian(place, (int)values[i]); break;
                case TensorType.I64: BinaryPrimitives.WriteInt64LittleEndian(place, (long)values[i]); break;
                default: throw new NotSupportedException($"Checks have no {type} buffers.");
            }
        }
    }

    private static void Decode(ReadOnlySpan<byte> bytes, Span<double> values, TensorType type)
    {
        int size = type.Bits() / 8;
        for (int i = 0; i < values.Length; i++)
        {
            var place = bytes.Slice(i * size, size);
            values[i] = type switch
            {
                TensorType.F32 => BinaryPrimitives.ReadSingleLittleEndian(place),
                TensorType.F16 => (double)BinaryPrimitives.ReadHalfLittleEndian(place),
                TensorType.BF16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(place) << 16),
                TensorType.F8E4M3 => s_e4m3[place[0]],
                TensorType.F8E5M2 => s_e5m2[place[0]],
                TensorType.I32 => BinaryPrimitives.ReadInt32LittleEndian(place),
                TensorType.I64 => BinaryPrimitives.ReadInt64LittleEndian(place),
                _ => throw new NotSupportedException($"Checks have no {type} buffers."),
            };
        }
    }

    // Rounded from float64 in one step: via float32 a value near a tie would be rounded twice. Rounding to odd first
    // keeps the information that the second rounding needs (Boldo and Melquiond, 2008).
    private static ushort ToBrain(double value)
    {
        if (double.IsNaN(value))
            return 0x7FC0;
        float single = (float)value;
        uint bits = BitConverter.SingleToUInt32Bits(single);
        if (single != value)
        {
            if (Math.Abs((double)single) > Math.Abs(value))
                bits--; // towards zero
            bits |= 1;
        }
        return (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }

    // The nearest of the codes from 0 up, which are ordered like their values; beyond the largest it saturates, like the
    // conversions of CUDA do (Micikevicius et al., 2022).
    private static byte ToEight(double value, double[] codes, int largest)
    {
        if (double.IsNaN(value))
            return 0x7F;
        double magnitude = Math.Abs(value);
        int low = Array.BinarySearch(codes, 0, largest + 1, magnitude);
        if (low < 0)
            low = ~low - 1; // the last that is smaller
        if (low < largest)
        {
            double below = magnitude - codes[low], above = codes[low + 1] - magnitude;
            if (above < below || above == below && low % 2 == 1)
                low++;
        }
        return (byte)(low | (double.IsNegative(value) ? 0x80 : 0));
    }

    // Finite numbers, except the codes for NaN (both formats) and infinity (E5M2, whose exponent 31 is IEEE's).
    private static double FromEight(int code, int mantissaBits, int bias)
    {
        int exponent = (code & 0x7F) >> mantissaBits, mantissa = code & (1 << mantissaBits) - 1;
        double magnitude = (mantissaBits, exponent, mantissa) switch
        {
            (3, 15, 7) => double.NaN,
            (2, 31, 0) => double.PositiveInfinity,
            (2, 31, _) => double.NaN,
            (_, 0, _) => Math.ScaleB(mantissa, 1 - bias - mantissaBits),
            _ => Math.ScaleB((1 << mantissaBits) + mantissa, exponent - bias - mantissaBits),
        };
        return code < 128 ? magnitude : -magnitude;
    }

    private delegate void Convert(Span<double> values, Span<byte> bytes);

    // Checks of a GPU have tens of millions of elements.
    private static unsafe void InPieces(ReadOnlySpan<double> values, ReadOnlySpan<byte> bytes, int size, Convert convert)
    {
        int count = values.Length;
        fixed (double* firstValue = values)
        fixed (byte* firstByte = bytes)
        {
            nint value = (nint)firstValue, start = (nint)firstByte;
            Parallel.For(0, (count + Piece - 1) / Piece, piece =>
            {
                int begin = piece * Piece, length = Math.Min(Piece, count - begin);
                convert(new((double*)value + begin, length), new((byte*)start + (long)begin * size, length * size));
            });
        }
    }
}
