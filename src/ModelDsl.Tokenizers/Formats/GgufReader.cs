using System.Text;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>Reads the metadata at the front of a GGUF file (version 2 and 3), never its tensors.</summary>
internal sealed class GgufReader(Stream stream, string source, TokenizerLimits limits)
{
    private const int LongestString = 1 << 24;
    private const int LongestList = 1 << 26;
    private const int MostKeys = 1 << 16;
    private const int DeepestList = 4;

    private static readonly object[] Bytes = [.. Enumerable.Range(0, 256).Select(object (b) => (ulong)b)];

    private readonly BinaryReader reader = new(stream);

    /// <summary>Keys and values: numbers as double, ulong or long, strings as bytes, lists as List.</summary>
    internal Dictionary<string, object> Read()
    {
        try
        {
            return ReadHeader();
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException($"{source}: the file ends at byte {stream.Length}, within its metadata; it is cut short.", error);
        }
    }

    private Dictionary<string, object> ReadHeader()
    {
        if (reader.ReadUInt32() != 0x46554747) throw new InvalidDataException($"{source}: does not begin with GGUF.");
        uint version = reader.ReadUInt32();
        if (version is not (2 or 3)) throw new NotSupportedException($"{source}: GGUF version {version} is not supported; supported are 2 and 3.");
        reader.ReadUInt64();
        ulong count = reader.ReadUInt64();
        if (count > MostKeys) throw Error($"the file claims {count} keys");
        var values = new Dictionary<string, object>();
        for (ulong i = 0; i < count; i++)
        {
            string key = Encoding.UTF8.GetString(String());
            if (!values.TryAdd(key, Value(reader.ReadUInt32(), 0))) throw Error($"the key {key} comes twice");
        }
        return values;
    }

    private object Value(uint type, int depth) => stream.Position > limits.FileBytes ? throw Error($"the metadata has more than {limits.FileBytes} bytes ({nameof(TokenizerLimits)}.{nameof(limits.FileBytes)})") : type switch
    {
        0 => Bytes[reader.ReadByte()],
        1 => (long)reader.ReadSByte(),
        2 => (ulong)reader.ReadUInt16(),
        3 => (long)reader.ReadInt16(),
        4 => (ulong)reader.ReadUInt32(),
        5 => (long)reader.ReadInt32(),
        6 => (double)reader.ReadSingle(),
        7 => reader.ReadByte() != 0,
        8 => String(),
        9 => List(depth),
        10 => reader.ReadUInt64(),
        11 => reader.ReadInt64(),
        12 => reader.ReadDouble(),
        _ => throw Error($"a value has the unknown type {type}"),
    };

    private object List(int depth)
    {
        if (depth == DeepestList) throw Error("lists are nested too deeply");
        uint type = reader.ReadUInt32();
        ulong count = reader.ReadUInt64();
        // Every item has a byte at least, so a count beyond the file is a lie.
        if (count > LongestList || count > (ulong)(stream.Length - stream.Position)) throw Error($"a list claims {count} items, more than the file holds");
        var items = new List<object>((int)Math.Min(count, 1 << 20));
        for (ulong i = 0; i < count; i++) items.Add(Value(type, depth + 1));
        return items;
    }

    private byte[] String()
    {
        ulong length = reader.ReadUInt64();
        if (length > LongestString) throw Error($"a string claims {length} bytes");
        if (length > (ulong)(stream.Length - stream.Position)) throw new EndOfStreamException();
        return reader.ReadBytes((int)length);
    }

    private InvalidDataException Error(string what) => new($"{source}: at byte {stream.Position}: {what}.");
}
