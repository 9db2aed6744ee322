using System.Text.Json;

namespace ModelDsl.Runtime;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Offset">In bytes, from the end of the header.</param>
public sealed record TensorEntry(string Name, TensorType Type, long[] Shape, long Offset, long Bytes)
{
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Type and shape as messages show them.</summary>
    public string Describe() => $"{Type.Name()} [{string.Join(", ", Shape)}]";
}

/// <summary>
/// The JSON header of a safetensors file: {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {}}.
/// Every claim it makes about the data is checked against the length of the data before any of it is believed.
/// </summary>
internal static class SafetensorsHeader
{
    public const string MetadataName = "__metadata__";

    /// <summary>The tensors in the order of their data, and the metadata.</summary>
    /// <exception cref="CheckpointException">The header lies or is not a header.</exception>
    public static (List<TensorEntry> Tensors, Dictionary<string, string> Metadata) Parse(
        ReadOnlySpan<byte> json, long dataBytes, string file, SafetensorsLimits limits)
    {
        var tensors = new List<TensorEntry>();
        var metadata = new Dictionary<string, string>();
        try
        {
            var reader = new Utf8JsonReader(json);
            var names = new HashSet<string>();
            Expect(ref reader, JsonTokenType.StartObject, file);
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (!names.Add(name))
                    throw new CheckpointException($"{file}: the header has two entries named '{name}'.");
                if (name == MetadataName)
                    ReadMetadata(ref reader, metadata, file);
                else if (tensors.Count == limits.Tensors)
                    throw new CheckpointException(
                        $"{file}: has more than {limits.Tensors} tensors ({nameof(SafetensorsLimits)}.{nameof(SafetensorsLimits.Tensors)}).");
                else
                    tensors.Add(ReadEntry(ref reader, name, dataBytes, file, limits));
            }
            while (reader.Read()) { } // throws on anything but white space behind the object
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CheckpointException($"{file}: the header is not valid JSON ({error.Message})", error);
        }
        tensors.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Bytes.CompareTo(b.Bytes));
        CheckLayout(tensors, dataBytes, file);
        return (tensors, metadata);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata, string file)
    {
        Expect(ref reader, JsonTokenType.StartObject, file);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, file);
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new CheckpointException($"{file}: the metadata has two entries named '{key}'.");
        }
    }

    private static TensorEntry ReadEntry(ref Utf8JsonReader reader, string name, long dataBytes, string file, SafetensorsLimits limits)
    {
        string? typeName = null;
        long[]? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, file);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            switch (key)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, file);
                    typeName = reader.GetString();
                    break;
                case "shape": shape = ReadSizes(ref reader, name, file, limits); break;
                case "data_offsets": offsets = ReadSizes(ref reader, name, file, limits); break;
                default: reader.Skip(); break;
            }
        }
        if (typeName is null || shape is null || offsets is not [long begin, long end])
            throw new CheckpointException($"{file}: tensor '{name}' lacks dtype, shape or two data_offsets.");
        if (!TensorTypes.TryParse(typeName, out var type))
            throw new CheckpointException($"{file}: tensor '{name}' has the unknown dtype '{typeName}'.");
        if (begin > end || end > dataBytes)
            throw new CheckpointException(
                $"{file}: tensor '{name}' claims bytes {begin} to {end} of {dataBytes}; the file is truncated or the header wrong.");
        if (ByteCount(type, shape) is not { } bytes || bytes != end - begin)
            throw new CheckpointException(
                $"{file}: tensor '{name}' is {type.Name()} [{string.Join(", ", shape)}] but its data_offsets span {end - begin} bytes.");
        return new(name, type, shape, begin, bytes);
    }

    private static long[] ReadSizes(ref Utf8JsonReader reader, string name, string file, SafetensorsLimits limits)
    {
        var sizes = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, file);
        while (Next(ref reader) == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out long size) || size < 0)
                throw new CheckpointException($"{file}: tensor '{name}' has a size or offset that is no natural number below 2^63.");
            if (sizes.Count == limits.Dimensions)
                throw new CheckpointException(
                    $"{file}: tensor '{name}' has more than {limits.Dimensions} dimensions ({nameof(SafetensorsLimits)}.{nameof(SafetensorsLimits.Dimensions)}).");
            sizes.Add(size);
        }
        if (reader.TokenType != JsonTokenType.EndArray)
            throw new CheckpointException($"{file}: tensor '{name}' has a size or offset that is no number.");
        return [.. sizes];
    }

    /// <summary>Null where the product overflows or does not fill whole bytes.</summary>
    private static long? ByteCount(TensorType type, long[] shape)
    {
        if (shape.Contains(0))
            return 0;
        UInt128 bits = (UInt128)type.Bits();
        foreach (long size in shape)
            if ((bits *= (ulong)size) > long.MaxValue)
                return null;
        return bits % 8 == 0 ? (long)(bits / 8) : null;
    }

    private static void CheckLayout(List<TensorEntry> tensors, long dataBytes, string file)
    {
        long end = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
                throw new CheckpointException(tensor.Offset < end
                    ? $"{file}: tensor '{tensor.Name}' begins at byte {tensor.Offset} of the data, inside the tensor before it."
                    : $"{file}: bytes {end} to {tensor.Offset} of the data belong to no tensor.");
            end = tensor.Offset + tensor.Bytes;
        }
        if (end != dataBytes)
            throw new CheckpointException($"{file}: the tensors end at byte {end} of the data, the file has {dataBytes}.");
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader)
    {
        reader.Read(); // throws where the text ends too early
        return reader.TokenType;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string file)
    {
        if (Next(ref reader) != type)
            throw new CheckpointException(
                $"{file}: the header has {reader.TokenType} where {type} belongs (byte {reader.TokenStartIndex} of the header).");
    }
}
