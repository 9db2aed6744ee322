using System.Globalization;

namespace ModelDsl.Runtime;

/// <summary>
/// The checksums that the files we write carry in their metadata: one of the header's content (names, dtypes, shapes and
/// the other metadata, in any order) and one of each tensor's data, in the ordinal order of their names, 16 hexadecimal digits
/// each. Where in the file a tensor lies does not count, so that a program that only rearranges a file keeps it whole.
/// </summary>
internal static class SafetensorsChecksums
{
    public const string Key = "modeldsl.checksums";

    private const int Digits = 16;

    /// <summary>The metadata's value.</summary>
    /// <param name="tensors">In any order.</param>
    /// <param name="metadata">Without this value.</param>
    public static string Text(
        IEnumerable<(string Name, TensorType Type, long[] Shape, ulong Sum)> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var ordered = tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        string sums = string.Concat(ordered.Select(tensor => Hex(tensor.Sum)));
        var header = new Checksum();
        header.Add(sums);
        foreach (var (name, type, shape, _) in ordered)
            header.Add($"{name}\n{type.Name()}\n{string.Join(',', shape)}");
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            header.Add($"{key.Length}\n{key}{value}");
        return Hex(header.Value) + sums;
    }

    /// <summary>Takes the checksums out of a file's metadata; null where it has none.</summary>
    /// <exception cref="CheckpointException">They are not those of this header.</exception>
    public static Dictionary<string, ulong>? Take(IReadOnlyList<TensorEntry> tensors, Dictionary<string, string> metadata, string file)
    {
        if (!metadata.Remove(Key, out string? text))
            return null;
        var sums = new Dictionary<string, ulong>();
        string[] names = [.. tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal)];
        for (int i = 0; i < names.Length; i++)
            if (text.Length == Digits * (names.Length + 1)
                && ulong.TryParse(text.AsSpan(Digits * (i + 1), Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong sum))
                sums.Add(names[i], sum);
        if (sums.Count != names.Length || text != Text(tensors.Select(tensor => (tensor.Name, tensor.Type, tensor.Shape, sums[tensor.Name])), metadata))
            throw new CheckpointException(
                $"{file}: the header (names, shapes or metadata) is not what was written: the file is damaged or was edited. "
                + $"Take another copy, or, where the change is meant, delete '{Key}' from its metadata.");
        return sums;
    }

    private static string Hex(ulong sum) => sum.ToString("x16", CultureInfo.InvariantCulture);
}
