using System.Text;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>Reads a vocabulary of any supported format, which is recognised by its content and not by its name.</summary>
public static class TokenizerFile
{
    private const string Supported = "tokenizer.json, tiktoken ranks, a SentencePiece model, a GGUF file with a vocabulary, vocab.txt";

    /// <exception cref="InvalidDataException">The file is malformed, of no known format, or contradicts itself.</exception>
    /// <exception cref="NotSupportedException">A component, named in the message, is not supported.</exception>
    public static TokenizerDefinition Read(string path)
    {
        string name = Path.GetFileName(path);
        using var stream = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8))
            return GgufVocabulary.Read(path); // may hold the weights too, so it is not read as a whole
        if (stream.Length > 1 << 30)
            throw new InvalidDataException($"{name}: {stream.Length} bytes are too many for a vocabulary. Supported: {Supported}.");
        return Read(File.ReadAllBytes(path), name);
    }

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="source">The file's name, for messages.</param>
    public static TokenizerDefinition Read(byte[] content, string source)
    {
        if (content.Length == 0) throw new InvalidDataException($"{source}: the file is empty. Supported: {Supported}.");
        var text = content.AsSpan();
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        var start = text.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("GGUF"u8)) return GgufVocabulary.Read(content, source);
        if (start.StartsWith("{"u8)) return TokenizerJson.Read(content.AsMemory(content.Length - start.Length), source);
        if (TiktokenRanks.Recognises(text)) return TiktokenRanks.Read(text, source);
        if (SentencePieceModel.Recognises(content)) return SentencePieceModel.Read(content, source);
        if (VocabularyText.Recognises(text)) return VocabularyText.Read(text, source);
        throw new InvalidDataException($"{source}: the content is of no known format. Supported: {Supported}.");
    }
}
