using System.Buffers.Binary;

namespace ModelDsl.Runtime;

/// <summary>The few field kinds of protobuf's wire format that event files need, into a span that is large enough.</summary>
internal ref struct ProtobufWriter(Span<byte> buffer)
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    private readonly Span<byte> _buffer = buffer;
    private int _written;

    public readonly ReadOnlySpan<byte> Written => _buffer[.._written];

    public void Integer(int field, ulong value)
    {
        Number((ulong)(field << 3 | Varint));
        Number(value);
    }

    public void Double(int field, double value)
    {
        Number((ulong)(field << 3 | Fixed64));
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer[_written..], value);
        _written += 8;
    }

    public void Single(int field, float value)
    {
        Number((ulong)(field << 3 | Fixed32));
        BinaryPrimitives.WriteSingleLittleEndian(_buffer[_written..], value);
        _written += 4;
    }

    public void Bytes(int field, scoped ReadOnlySpan<byte> value)
    {
        Number((ulong)(field << 3 | LengthDelimited));
        Number((ulong)value.Length);
        value.CopyTo(_buffer[_written..]);
        _written += value.Length;
    }

    private void Number(ulong value)
    {
        for (; value >= 128; value >>= 7)
            _buffer[_written++] = (byte)(value | 128);
        _buffer[_written++] = (byte)value;
    }
}
