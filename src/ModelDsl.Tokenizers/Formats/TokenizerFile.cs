using System.Text;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>Reads a vocabulary of any supported format, which is recognised by its content and not by its name.</summary>
public static class TokenizerFile
{
    private const string Supported = "tokenizer.json, tiktoken ranks, a SentencePiece model, a GGUF file with a vocabulary, vocab.txt";

    /// <exception cref="InvalidDataException">The file is malformed, of no known format, or contradicts itself.</exception>
    /// <exception cref="NotSupportedException">A component, named in the message, is not supported.</exception>
    public static TokenizerDefinition Read(string path) => Read(path, TokenizerLimits.Default);

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="limits">How much the file may ask for.</param>
    public static TokenizerDefinition Read(string path, TokenizerLimits limits)
    {
        string name = Path.GetFileName(path);
        using var stream = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8))
            return GgufVocabulary.Read(path, limits); // may hold the weights too, so it is not read as a whole
        stream.Position = 0;
        return Read(ReadAll(stream, name, limits), name, limits);
    }

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="source">The file's name, for messages.</param>
    public static TokenizerDefinition Read(byte[] content, string source) => Read(content, source, TokenizerLimits.Default);

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="source">The file's name, for messages.</param>
    /// <param name="limits">How much the file may ask for.</param>
    public static TokenizerDefinition Read(byte[] content, string source, TokenizerLimits limits)
    {
        if (content.Length > limits.FileBytes) throw TooLarge(source, limits);
        return ReadContent(content, source, limits) with { Limits = limits };
    }

    // Some files have no length, such as devices and those of /proc, so the bytes are counted as they come.
    private static byte[] ReadAll(FileStream stream, string name, TokenizerLimits limits)
    {
        var content = new MemoryStream((int)Math.Min(stream.Length, Math.Min(limits.FileBytes, Array.MaxLength)));
        var block = new byte[1 << 16];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            if (content.Length + read > limits.FileBytes) throw TooLarge(name, limits);
            content.Write(block, 0, read);
        }
        return content.ToArray();
    }

    private static InvalidDataException TooLarge(string name, TokenizerLimits limits) =>
        new($"{name}: the file has more than {limits.FileBytes} bytes ({nameof(TokenizerLimits)}.{nameof(limits.FileBytes)}), too many for a vocabulary. Supported: {Supported}.");

    private static TokenizerDefinition ReadContent(byte[] content, string source, TokenizerLimits limits)
    {
        if (content.Length == 0) throw new InvalidDataException($"{source}: the file is empty. Supported: {Supported}.");
        var text = content.AsSpan();
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        var start = text.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("GGUF"u8)) return GgufVocabulary.Read(content, source, limits);
        if (start.StartsWith("{"u8)) return TokenizerJson.Read(content.AsMemory(content.Length - start.Length), source);
        if (TiktokenRanks.Recognises(text)) return TiktokenRanks.Read(text, source, limits);
        if (SentencePieceModel.Recognises(content)) return SentencePieceModel.Read(content, source);
        if (VocabularyText.Recognises(text)) return VocabularyText.Read(text, source);
        throw new InvalidDataException($"{source}: the content is of no known format. Supported: {Supported}.");
    }
}
