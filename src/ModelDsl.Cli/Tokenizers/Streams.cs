using System.Text;

namespace ModelDsl.Cli.Tokenizers;

/// <summary>The input bytes, and the separator of the texts in them.</summary>
internal static class Streams
{
    internal static byte[] ReadAll(FileInfo? input)
    {
        if (input is { Exists: true } && input.Length > Array.MaxLength)
            throw new InvalidDataException($"{input.FullName}: has {input.Length:N0} bytes, {Array.MaxLength:N0} are possible. Split it into several files.");
        if (input is not null) return File.ReadAllBytes(input.FullName);
        using var stream = Console.OpenStandardInput();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>The bytes of a separator, in which \n, \r, \t, \0 and \\ are the usual escapes.</summary>
    internal static byte[] Separator(string written)
    {
        var text = new StringBuilder();
        for (int i = 0; i < written.Length; i++)
        {
            int escape = written[i] == '\\' && i + 1 < written.Length ? "nrt0\\".IndexOf(written[i + 1]) : -1;
            text.Append(escape < 0 ? written[i] : "\n\r\t\0\\"[escape]);
            if (escape >= 0) i++;
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The parts of a text between separators, of which the last may end the text; the whole text if there is no separator.</summary>
    internal static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text, byte[] separator)
    {
        while (separator.Length > 0 && text.Span.IndexOf(separator) is var at && at >= 0)
        {
            yield return text[..at];
            text = text[(at + separator.Length)..];
            if (text.IsEmpty) yield break;
        }
        yield return text;
    }
}
