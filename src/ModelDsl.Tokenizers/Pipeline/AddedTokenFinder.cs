using System.Buffers;
using System.Text;
using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>Finds added tokens in a text: the leftmost first, the longest of those that begin there.</summary>
internal sealed class AddedTokenFinder
{
    private static readonly TableScanner Word = new(PatternAutomaton.Compile(@"\w"));
    private static readonly TableScanner Space = new(PatternAutomaton.Compile(@"\s"));

    // A trie: node * 256 + byte -> node; node 0 is the root.
    private readonly List<int[]> next = [new int[256]];
    private readonly List<AddedToken?> found = [null];
    private readonly SearchValues<byte> firstBytes;

    internal AddedTokenFinder(IEnumerable<(AddedToken Token, byte[] Content)> tokens)
    {
        foreach (var (token, content) in tokens)
        {
            int node = 0;
            foreach (byte b in content)
            {
                if (next[node][b] == 0)
                {
                    next[node][b] = next.Count;
                    next.Add(new int[256]);
                    found.Add(null);
                }
                node = next[node][b];
            }
            if (node != 0) found[node] = token;
        }
        firstBytes = SearchValues.Create([.. Enumerable.Range(0, 256).Where(b => next[0][b] != 0).Select(b => (byte)b)]);
        IsEmpty = next.Count == 1;
    }

    internal bool IsEmpty { get; }

    /// <summary>The next token at or after <paramref name="from"/>, with the white space that it takes along; null where there is none.</summary>
    internal AddedToken? Find(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        for (int at = from; ;)
        {
            int skip = text[at..].IndexOfAny(firstBytes);
            if (skip < 0) break;
            at += skip;
            var token = Longest(text, at, out end);
            if (token is null)
            {
                at++;
                continue;
            }
            start = at;
            if (!token.SingleWord || StandsAlone(text, start, end))
            {
                if (token.LeftStrip)
                    for (int before; start > from && Space.Match(text, before = Utf8.Previous(text, start)) == start && before >= from; start = before) { }
                if (token.RightStrip)
                    for (int after; end < text.Length && (after = Space.Match(text, end)) > 0; end = after) { }
                return token;
            }
            at = end;
        }
        (start, end) = (text.Length, text.Length);
        return null;
    }

    private AddedToken? Longest(ReadOnlySpan<byte> text, int start, out int end)
    {
        AddedToken? longest = null;
        end = start;
        for (int at = start, node = 0; at < text.Length && (node = next[node][text[at]]) != 0; at++)
            if (found[node] is { } token) (longest, end) = (token, at + 1);
        return longest;
    }

    private static bool StandsAlone(ReadOnlySpan<byte> text, int start, int end) =>
        (start == 0 || Word.Match(text, Utf8.Previous(text, start)) != start) && (end == text.Length || Word.Match(text, end) < 0);
}
