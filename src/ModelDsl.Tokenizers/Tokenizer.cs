using System.Buffers;
using System.Text;
using ModelDsl.Tokenizers.Decoding;

namespace ModelDsl.Tokenizers;

/// <summary>
/// Text to token ids and back. Text is UTF-8; bytes that are not valid UTF-8 are kept where the vocabulary has a token
/// for every byte. A tokenizer does not change, and may be used by many threads at once.
/// </summary>
public abstract record Tokenizer
{
    /// <summary>The number of ids: one more than the largest, as a model's embedding needs it.</summary>
    public abstract int Vocabulary { get; }

    /// <summary>
    /// What ties a model and its checkpoints to this tokenizer: SHA-256, in hexadecimal, over everything that decides which ids a text
    /// gets and which bytes an id gives.
    /// </summary>
    public abstract string Contract { get; }

    /// <summary>Appends the ids of a text to <paramref name="output"/>.</summary>
    public abstract void Encode(ReadOnlySpan<byte> utf8, TokenBuffer output, EncodeOptions options = default);

    /// <summary>The bytes that an id adds to a text.</summary>
    /// <param name="first">Whether it is the first of its text: some vocabularies write a space before the others.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not below <see cref="Vocabulary"/>, or has no token.</exception>
    public abstract ReadOnlySpan<byte> Bytes(int id, bool first = false);

    /// <summary>The id of a token by its written form, special tokens included; null where there is none.</summary>
    public abstract int? IdOf(string token);

    /// <summary>Whether the id stands for a control token such as an end of text, and not for text.</summary>
    public abstract bool IsSpecial(int id);

    /// <summary>Writes the tokenizer as a tokenizer.json.</summary>
    public abstract void Save(string path);

    /// <summary>Loads a tokenizer from a file; the format is recognised by its content.</summary>
    /// <exception cref="InvalidDataException">The file is malformed, of no known format, or contradicts itself.</exception>
    /// <exception cref="NotSupportedException">A component, named in the message, is not supported.</exception>
    public static TextTokenizer Load(string path) => Load(path, TokenizerLimits.Default);

    /// <inheritdoc cref="Load(string)"/>
    /// <param name="limits">How much the file may ask for.</param>
    public static TextTokenizer Load(string path, TokenizerLimits limits) => new(Formats.TokenizerFile.Read(path, limits));

    /// <summary>The ids of a text.</summary>
    public int[] Encode(ReadOnlySpan<byte> utf8, EncodeOptions options = default)
    {
        var buffer = TokenBufferPool.Rent();
        Encode(utf8, buffer, options);
        int[] ids = buffer.Ids.ToArray();
        TokenBufferPool.Return(buffer);
        return ids;
    }

    /// <summary>The ids of a text. A lone surrogate counts as U+FFFD.</summary>
    public int[] Encode(string text, EncodeOptions options = default)
    {
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int[] ids = Encode(utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, utf8)), options);
        ArrayPool<byte>.Shared.Return(utf8);
        return ids;
    }

    /// <summary>The ids of many texts, encoded on <paramref name="threads"/> threads (0: all cores). The result does not depend on their number.</summary>
    public int[][] EncodeBatch(IReadOnlyList<ReadOnlyMemory<byte>> texts, EncodeOptions options = default, int threads = 0)
    {
        var results = new int[texts.Count][];
        Parallel.For(0, texts.Count, new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount },
            i => results[i] = Encode(texts[i].Span, options));
        return results;
    }

    /// <summary>Appends the bytes of the ids to <paramref name="output"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not below <see cref="Vocabulary"/>, or has no token.</exception>
    public virtual void Decode(ReadOnlySpan<int> ids, IBufferWriter<byte> output, bool skipSpecial = false)
    {
        bool first = true;
        foreach (int id in ids)
        {
            var bytes = Bytes(id, first);
            if (skipSpecial && IsSpecial(id)) continue;
            output.Write(bytes);
            first = false;
        }
    }

    /// <summary>The bytes of the ids.</summary>
    /// <inheritdoc cref="Decode(ReadOnlySpan{int}, IBufferWriter{byte}, bool)"/>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(16, 5 * ids.Length));
        Decode(ids, output, skipSpecial);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The text of the ids; bytes that are not valid UTF-8 become U+FFFD.</summary>
    /// <inheritdoc cref="Decode(ReadOnlySpan{int}, IBufferWriter{byte}, bool)"/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(16, 5 * ids.Length));
        Decode(ids, output, skipSpecial);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>A decoder for ids that come one by one.</summary>
    public StreamDecoder CreateStreamDecoder(bool skipSpecial = false) => new(this, skipSpecial);

    /// <summary>Two tokenizers are equal when they have the same <see cref="Contract"/>.</summary>
    public virtual bool Equals(Tokenizer? other) => other is not null && Contract == other.Contract;

    public override int GetHashCode() => Contract.GetHashCode(StringComparison.Ordinal);
}
