using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Decoding;

/// <summary>What each token adds to a text, worked out once for all tokens by running the decoder's steps over each.</summary>
/// <remarks>
/// A decoder sees all tokens of a text, but what it does to one depends on no more than whether it is the first (and,
/// for a word suffix, the last), so two tables hold everything.
/// </remarks>
internal sealed class TokenDecoder
{
    private readonly TokenTable first, others;
    private readonly bool[] assigned;

    /// <exception cref="NotSupportedException">A step needs more than that.</exception>
    internal TokenDecoder(TokenizerDefinition definition)
    {
        var steps = new List<DecoderDefinition>();
        Flatten(definition.Decoder, steps);
        int count = definition.Model.Tokens.Count;
        foreach (var token in definition.AddedTokens) count = Math.Max(count, token.Id + 1);
        var added = new Dictionary<int, byte[]>();
        foreach (var token in definition.AddedTokens) added[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        bool dependsOnPlace = definition.Decoder is null && definition.Model is not BpeDefinition { ByteLevel: true } || steps.Any(DependsOnPlace);
        byte[]?[] starts = new byte[count][], rest = dependsOnPlace ? new byte[count][] : starts;
        assigned = new bool[count];
        for (int id = 0; id < count; id++)
        {
            byte[]? token = added.GetValueOrDefault(id) ?? (id < definition.Model.Tokens.Count ? definition.Model.Tokens[id] : null);
            if (token is null) continue;
            assigned[id] = true;
            starts[id] = Decode(token, steps, isFirst: true, definition);
            if (dependsOnPlace) rest[id] = Decode(token, steps, isFirst: false, definition);
        }
        Suffix = steps.OfType<DecoderDefinition.Bpe>().FirstOrDefault() is { } bpe ? Encoding.UTF8.GetBytes(bpe.Suffix) : null;
        others = new TokenTable(rest, _ => false);
        first = dependsOnPlace ? new TokenTable(starts, _ => false) : others;
    }

    internal int Count => assigned.Length;

    /// <summary>The mark at the ends of words, which became a space; null where the vocabulary has none.</summary>
    internal byte[]? Suffix { get; }

    /// <summary>The bytes of the last token of a text: a word that ends there has no space behind it.</summary>
    internal ReadOnlySpan<byte> LastBytes(int id, bool isFirst) =>
        Bytes(id, isFirst) is var bytes && Suffix is not null && bytes is [.., (byte)' '] ? bytes[..^1] : bytes;

    internal ReadOnlySpan<byte> Bytes(int id, bool isFirst)
    {
        if ((uint)id >= (uint)assigned.Length) throw TokenIds.OutOfRange(id, Count);
        if (!assigned[id]) throw TokenIds.Unassigned(id);
        return (isFirst ? first : others)[id];
    }

    /// <summary>Copies the bytes of ids one after another; as many ids as surely fit. Returns how many ids and bytes.</summary>
    internal (int Ids, int Bytes) Copy(ReadOnlySpan<int> ids, Span<byte> output, bool isFirst)
    {
        int written = 0, done = 0;
        var blob = others.Bytes;
        var starts = others.Starts;
        if (isFirst && ids.Length > 0)
        {
            var bytes = Bytes(ids[0], true);
            if (bytes.Length > output.Length) return (0, 0);
            bytes.CopyTo(output);
            (written, done) = (bytes.Length, 1);
        }
        ref byte source = ref MemoryMarshal.GetReference(blob);
        ref byte target = ref MemoryMarshal.GetReference(output);
        for (; done < ids.Length; done++)
        {
            int id = ids[done];
            if ((uint)id >= (uint)assigned.Length) throw TokenIds.OutOfRange(id, Count);
            int start = starts[id], length = starts[id + 1] - start;
            if (length == 0 && !assigned[id]) throw TokenIds.Unassigned(id);
            if (output.Length - written < length + 16) break;
            // Most tokens are short: 16 bytes are copied at once, whatever the length; the table has as many to spare.
            Vector128.LoadUnsafe(ref source, (nuint)start).StoreUnsafe(ref target, (nuint)written);
            if (length > 16) blob.Slice(start, length).CopyTo(output[written..]);
            written += length;
        }
        return (done, written);
    }

    private static void Flatten(DecoderDefinition? definition, List<DecoderDefinition> steps)
    {
        if (definition is DecoderDefinition.Sequence sequence)
            foreach (var item in sequence.Items) Flatten(item, steps);
        else if (definition is not null) steps.Add(definition);
    }

    private static bool DependsOnPlace(DecoderDefinition step) =>
        step is DecoderDefinition.Fuse or DecoderDefinition.Metaspace or DecoderDefinition.WordPiece;

    private static byte[] Decode(byte[] token, List<DecoderDefinition> steps, bool isFirst, TokenizerDefinition definition)
    {
        // Without a decoder the tokens are written with spaces between.
        if (definition.Decoder is null && definition.Model is not BpeDefinition { ByteLevel: true }) return isFirst ? token : [(byte)' ', .. token];
        if (steps.Count == 0 || definition.Model is BpeDefinition { ByteLevel: true, EndOfWordSuffix: "" }) return token; // bytes already
        bool fused = false;
        long longest = definition.Limits.Grown(token.Length);
        foreach (var step in steps)
        {
            switch (step)
            {
                case DecoderDefinition.ByteFallback:
                    if (ByteTokens.Parse(token) is var b and >= 0) return [(byte)b];
                    break;
                case DecoderDefinition.Fuse:
                    fused = true;
                    break;
                case DecoderDefinition.Replace replace:
                    string text = Text(token);
                    if (text.Length + (long)text.AsSpan().Count(replace.Pattern) * (replace.Content.Length - replace.Pattern.Length) > longest)
                        throw new InvalidDataException($"{definition.Source}: the decoders make a token more than {definition.Limits.Growth} times longer ({nameof(TokenizerLimits)}.{nameof(TokenizerLimits.Growth)}).");
                    token = Encoding.UTF8.GetBytes(text.Replace(replace.Pattern, replace.Content, StringComparison.Ordinal));
                    break;
                case DecoderDefinition.Strip { Stop: > 0 } when fused:
                    throw new NotSupportedException($"{definition.Source}: the decoder Strip with a stop of more than 0 after Fuse is not supported.");
                case DecoderDefinition.Strip strip:
                    if (!fused || isFirst) token = Encoding.UTF8.GetBytes(Strip(Text(token), strip));
                    break;
                case DecoderDefinition.Metaspace metaspace:
                    bool dropped = isFirst && metaspace.Prepend != PrependScheme.Never;
                    token = Encoding.UTF8.GetBytes(Text(token).Replace(metaspace.Replacement, dropped ? "" : " ", StringComparison.Ordinal));
                    break;
                case DecoderDefinition.WordPiece wordPiece:
                    token = Encoding.UTF8.GetBytes(WordPiece(Text(token), wordPiece, isFirst));
                    break;
                case DecoderDefinition.Bpe bpe:
                    token = Encoding.UTF8.GetBytes(Text(token).Replace(bpe.Suffix, " ", StringComparison.Ordinal));
                    break;
            }
        }
        return token;
    }

    private static string Text(byte[] token) => Encoding.UTF8.GetString(token);

    private static string Strip(string text, DecoderDefinition.Strip strip)
    {
        int start = 0, end = text.Length;
        for (int i = 0; i < strip.Start && string.CompareOrdinal(text, start, strip.Content, 0, strip.Content.Length) == 0 && start < end; i++) start += strip.Content.Length;
        for (int i = 0; i < strip.Stop && end - strip.Content.Length >= start && string.CompareOrdinal(text, end - strip.Content.Length, strip.Content, 0, strip.Content.Length) == 0; i++) end -= strip.Content.Length;
        return text[start..end];
    }

    private static string WordPiece(string token, DecoderDefinition.WordPiece decoder, bool isFirst)
    {
        if (!isFirst) token = token.StartsWith(decoder.Prefix, StringComparison.Ordinal) ? token[decoder.Prefix.Length..] : " " + token;
        return decoder.Cleanup ? Cleanups.Aggregate(token, (text, rule) => text.Replace(rule.From, rule.To, StringComparison.Ordinal)) : token;
    }

    private static readonly (string From, string To)[] Cleanups =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];
}
