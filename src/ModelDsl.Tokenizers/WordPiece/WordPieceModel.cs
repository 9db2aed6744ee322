using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Pipeline;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.WordPiece;

/// <summary>
/// Greedy longest match within a word; every part but the first is looked up with a prefix. A word that cannot be
/// covered, or is too long, is unknown as a whole.
/// </summary>
internal sealed class WordPieceModel : Model
{
    private readonly ByteTrie heads = new(), continuations = new();
    private readonly int unknown;
    private readonly int maximumCharacters;

    internal WordPieceModel(WordPieceDefinition definition, TokenTable tokens, Func<int, bool> findable)
    {
        Tokens = tokens;
        unknown = definition.Unknown ?? TokenTable.None;
        maximumCharacters = definition.MaximumCharacters;
        byte[] prefix = Encoding.UTF8.GetBytes(definition.ContinuingSubwordPrefix);
        for (int id = 0; id < tokens.Count; id++)
        {
            var token = tokens[id];
            if (token.IsEmpty || !findable(id)) continue;
            heads.Add(token, id);
            if (token.StartsWith(prefix) && token.Length > prefix.Length) continuations.Add(token[prefix.Length..], id);
        }
    }

    internal override TokenTable Tokens { get; }

    internal override void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> cuts, int offset, Workspace workspace, TokenBuffer output)
    {
        foreach (int cut in cuts)
        {
            int end = cut < 0 ? ~cut : cut;
            if (cut >= 0 && end > start) EncodeWord(text[start..end], offset + start, output);
            start = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<byte> word, int offset, TokenBuffer output)
    {
        int before = output.Count;
        bool covered = Characters(word) <= maximumCharacters;
        for (int from = 0; covered && from < word.Length;)
        {
            int id = Longest(from == 0 ? heads : continuations, word, from, out int end);
            covered = id >= 0;
            if (covered) output.Add(id, offset + from, offset + end);
            from = end;
        }
        if (covered) return;
        output.Truncate(before);
        if (unknown >= 0) output.Add(unknown, offset, offset + word.Length);
    }

    private static int Longest(ByteTrie trie, ReadOnlySpan<byte> word, int start, out int end)
    {
        int longest = -1;
        end = start;
        for (int node = ByteTrie.Root, at = start; at < word.Length && (node = trie.Next(node, word[at])) >= 0;)
        {
            at++;
            if (trie.Value(node) >= 0) (longest, end) = (trie.Value(node), at);
        }
        return longest;
    }

    private static int Characters(ReadOnlySpan<byte> word)
    {
        int count = 0;
        for (int i = 0, length; i < word.Length; i += length, count++) Utf8.Read(word, i, out length);
        return count;
    }
}
