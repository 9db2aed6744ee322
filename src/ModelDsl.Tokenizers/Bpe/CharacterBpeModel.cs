using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Pipeline;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>
/// Byte-pair encoding whose first symbols are characters, with byte tokens or an unknown token for those that the
/// vocabulary lacks (SentencePiece), and with the prefix and suffix that older vocabularies mark word parts with.
/// </summary>
internal sealed class CharacterBpeModel : Model
{

    private readonly BpeDefinition definition;
    private readonly PairTable pairs;
    private readonly WordCuts wordCuts;
    private readonly int[] byteTokens;
    private readonly bool fallsBack;
    private readonly byte[] prefix, suffix;
    private readonly int unknown;
    private readonly sbyte[] whole; // 0 untold, 1 yes, -1 no

    internal CharacterBpeModel(BpeDefinition definition, TokenTable tokens, Func<int, bool> findable)
    {
        this.definition = definition;
        Tokens = tokens;
        unknown = definition.Unknown ?? TokenTable.None;
        byteTokens = ByteTokens.Ids(definition.Tokens);
        fallsBack = definition.ByteFallback;
        (prefix, suffix) = (Encoding.UTF8.GetBytes(definition.ContinuingSubwordPrefix), Encoding.UTF8.GetBytes(definition.EndOfWordSuffix));
        pairs = BpeMerges.Table(definition, tokens);
        wordCuts = new WordCuts(tokens, findable);
        whole = new sbyte[tokens.Count];
        if (definition.IgnoreMerges) Array.Fill(whole, (sbyte)1);
    }

    internal override TokenTable Tokens { get; }

    private bool HasAffixes => prefix.Length + suffix.Length > 0;

    internal override void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> cuts, int offset, Workspace workspace, TokenBuffer output)
    {
        foreach (int cut in cuts)
        {
            int end = cut < 0 ? ~cut : cut;
            if (cut >= 0 && end > start && definition.IgnoreMerges && Tokens.Find(text, start, end) is var id && id >= 0)
            {
                output.Add(id, offset + start, offset + end);
            }
            else if (cut >= 0)
            {
                var piece = text[start..end];
                for (int from = 0, to; from < piece.Length; from = to)
                {
                    to = wordCuts.End(piece, from);
                    EncodeWord(piece[from..to], offset + start + from, from == 0, to == piece.Length, workspace, output);
                }
            }
            start = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<byte> word, int offset, bool first, bool last, Workspace workspace, TokenBuffer output)
    {
        if (!HasAffixes && Tokens.Find(word) is var id && id >= 0 && IsWhole(id, workspace))
        {
            output.Add(id, offset, offset + word.Length);
            return;
        }
        BpeMerger.CheckLength(word.Length, offset);
        var symbols = workspace.Symbols(word.Length);
        int count = Symbols(word, first, last, symbols, workspace.UnknownLengths);
        count = workspace.Merger.Merge(symbols.AsSpan(0, count), pairs);
        int nextUnknown = 0;
        for (int i = 0, at = offset; i < count; i++)
        {
            int length = symbols[i] == unknown && nextUnknown < workspace.UnknownLengths.Count ? workspace.UnknownLengths[nextUnknown++] : SourceLength(symbols[i], word.Length);
            output.Add(symbols[i], at, Math.Min(at + length, offset + word.Length));
            at += length;
        }
    }

    // The first symbols of a word; `unknownLengths` gets the bytes that each unknown token stands for.
    private int Symbols(ReadOnlySpan<byte> word, bool first, bool last, int[] symbols, List<int> unknownLengths)
    {
        unknownLengths.Clear();
        int count = 0;
        bool afterUnknown = false;
        for (int i = 0, length; i < word.Length; i += length)
        {
            if (definition.ByteLevel) length = 1;
            else Utf8.Read(word, i, out length);
            int id = HasAffixes
                ? Tokens.Find([.. first && i == 0 ? [] : prefix, .. word.Slice(i, length), .. last && i + length == word.Length ? suffix : []])
                : Tokens.Find(word, i, i + length);
            if (id >= 0)
            {
                symbols[count++] = id;
                afterUnknown = false;
            }
            else if (fallsBack && HasByteTokens(word.Slice(i, length)))
            {
                foreach (byte b in word.Slice(i, length)) symbols[count++] = byteTokens[b];
                afterUnknown = false;
            }
            else if (unknown >= 0)
            {
                if (afterUnknown && definition.FuseUnknown)
                {
                    unknownLengths[^1] += length;
                    continue;
                }
                symbols[count++] = unknown;
                unknownLengths.Add(length);
                afterUnknown = true;
            }
        }
        return count;
    }

    private bool HasByteTokens(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
            if (byteTokens[b] < 0) return false;
        return true;
    }

    private int SourceLength(int id, int most)
    {
        var token = Tokens[id];
        if (fallsBack && ByteTokens.Parse(token) >= 0) return 1;
        int length = token.Length;
        if (suffix.Length > 0 && token.EndsWith(suffix)) length -= suffix.Length;
        if (prefix.Length > 0 && token.StartsWith(prefix)) length -= prefix.Length;
        return Math.Min(length, most);
    }

    // Whether the merges make a token of its own text.
    private bool IsWhole(int id, Workspace workspace)
    {
        if (whole[id] == 0)
        {
            var token = Tokens[id].ToArray();
            var symbols = new int[token.Length];
            int count = Symbols(token, true, true, symbols, []);
            count = workspace.Merger.Merge(symbols.AsSpan(0, count), pairs);
            whole[id] = (sbyte)(count == 1 && symbols[0] == id ? 1 : -1);
        }
        return whole[id] > 0;
    }
}
