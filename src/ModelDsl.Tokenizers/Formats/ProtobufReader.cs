using System.Buffers.Binary;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>Reads the fields of a protocol-buffer message one by one.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string source, int offset)
{
    private readonly ReadOnlySpan<byte> message = message;
    private int at;
    private int wire;

    /// <summary>The number of the current field.</summary>
    internal int Field { get; private set; }

    /// <summary>The byte of the file at which the reader is.</summary>
    internal readonly int Offset => offset + at;

    /// <summary>Goes to the next field; false at the end of the message.</summary>
    internal bool Next()
    {
        if (at >= message.Length) return false;
        ulong key = Varint();
        (Field, wire) = ((int)(key >> 3), (int)(key & 7));
        return Field > 0 ? true : throw Error("a field has the number 0");
    }

    internal ulong Integer() => wire == 0 ? Varint() : throw Error($"field {Field} is no integer");

    internal float Float()
    {
        if (wire != 5) throw Error($"field {Field} is no float");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    internal ReadOnlySpan<byte> Bytes()
    {
        if (wire != 2) throw Error($"field {Field} is no string or message");
        ulong length = Varint();
        return length <= int.MaxValue ? Take((int)length) : throw Error($"field {Field} claims {length} bytes");
    }

    internal void Skip()
    {
        switch (wire)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes(); break;
            case 5: Take(4); break;
            default: throw Error($"field {Field} has the unknown wire type {wire}");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > message.Length - at) throw Error($"field {Field} needs {count} bytes and {message.Length - at} are left; the file may be cut short");
        at += count;
        return message.Slice(at - count, count);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (at >= message.Length) throw Error("the file ends within a number");
            byte b = message[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw Error("a number has more than ten bytes");
    }

    private readonly InvalidDataException Error(string what) => new($"{source}: at byte {Offset}: {what}.");
}
