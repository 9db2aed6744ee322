using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace ModelDsl.Runtime;

/// <summary>A tensor to be written. <paramref name="Read"/> fills a chunk of its bytes from a byte offset within it.</summary>
public sealed record TensorSource(string Name, TensorType Type, long[] Shape, TensorSource.Reader Read)
{
    public delegate void Reader(long offset, Span<byte> chunk);

    public long Bytes { get; } = Shape.Aggregate(1L, (product, size) => checked(product * size)) * Type.Bits() / 8;
}

/// <summary>
/// Writes safetensors files with checksums in their metadata. Tensors are read twice, in chunks of 256 KiB, so that none is
/// held in managed memory.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes the file atomically: until it is whole and on the disk, the old one stays.</summary>
    /// <exception cref="CheckpointException">It could not be written; the old file is untouched.</exception>
    public static void Write(
        string path, IReadOnlyList<TensorSource> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        byte[] header = Header(tensors, metadata);
        long total = 8 + header.Length + tensors.Sum(tensor => tensor.Bytes);
        AtomicFile.Write(path, total, stream => Write(stream, header, tensors));
    }

    /// <summary>Writes the format to a stream.</summary>
    public static void Write(
        Stream stream, IReadOnlyList<TensorSource> tensors, IEnumerable<KeyValuePair<string, string>> metadata) =>
        Write(stream, Header(tensors, metadata), tensors);

    private static void Write(Stream stream, byte[] header, IReadOnlyList<TensorSource> tensors)
    {
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var tensor in tensors)
            Read(tensor, stream.Write);
    }

    private static void Read(TensorSource tensor, Action<ReadOnlySpan<byte>> take)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(Checksum.ChunkBytes);
        for (long offset = 0; offset < tensor.Bytes; offset += Checksum.ChunkBytes)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(Checksum.ChunkBytes, tensor.Bytes - offset));
            tensor.Read(offset, part);
            take(part);
        }
        ArrayPool<byte>.Shared.Return(chunk);
    }

    private static ulong Sum(TensorSource tensor)
    {
        var sum = new Checksum();
        Read(tensor, chunk => sum.Add(chunk));
        return sum.Value;
    }

    /// <summary>The JSON header, padded with spaces so that the data begin at a multiple of 64 bytes.</summary>
    private static byte[] Header(IReadOnlyList<TensorSource> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        KeyValuePair<string, string>[] own = [.. metadata.Where(pair => pair.Key != SafetensorsChecksums.Key)];
        string sums = SafetensorsChecksums.Text(tensors.Select(tensor => (tensor.Name, tensor.Type, tensor.Shape, Sum(tensor))), own);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataName);
            foreach (var (key, value) in own)
                json.WriteString(key, value);
            json.WriteString(SafetensorsChecksums.Key, sums);
            json.WriteEndObject();
            var names = new HashSet<string> { SafetensorsHeader.MetadataName };
            long offset = 0;
            foreach (var tensor in tensors)
            {
                if (!names.Add(tensor.Name))
                    throw new ArgumentException($"A tensor cannot be named '{tensor.Name}': the name is taken.");
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.Name());
                WriteArray(json, "shape", tensor.Shape);
                WriteArray(json, "data_offsets", [offset, offset += tensor.Bytes]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        int padding = -(8 + buffer.WrittenCount) & 63;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
