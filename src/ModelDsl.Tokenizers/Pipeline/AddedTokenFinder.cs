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

    // In the order of the contents' bytes, so that those that begin alike are neighbours, the shortest first.
    private readonly AddedToken[] tokens;
    private readonly byte[][] contents;
    private readonly int[] firsts = new int[257]; // the contents that begin with byte b are [firsts[b], firsts[b + 1])
    private readonly SearchValues<byte> firstBytes;

    internal AddedTokenFinder(IEnumerable<(AddedToken Token, byte[] Content)> tokens)
    {
        var sorted = new SortedDictionary<byte[], AddedToken>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        foreach (var (token, content) in tokens)
            if (content.Length > 0) sorted[content] = token;
        (this.tokens, contents) = ([.. sorted.Values], [.. sorted.Keys]);
        foreach (byte[] content in contents) firsts[content[0] + 1]++;
        for (int b = 0; b < 256; b++) firsts[b + 1] += firsts[b];
        firstBytes = SearchValues.Create([.. contents.Select(content => content[0]).Distinct()]);
    }

    internal bool IsEmpty => contents.Length == 0;

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
        int low = firsts[text[start]], high = firsts[text[start] + 1];
        for (int length = 1; low < high; length++) // [low, high) begin with text[start .. start + length]
        {
            if (contents[low].Length == length) (longest, end, low) = (tokens[low], start + length, low + 1);
            if (start + length == text.Length) break;
            int next = text[start + length];
            low = FirstFrom(next, low, high, length);
            high = FirstFrom(next + 1, low, high, length);
        }
        return longest;
    }

    // The first of [low, high) whose byte `at` is not below a value.
    private int FirstFrom(int value, int low, int high, int at)
    {
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (contents[middle][at] < value) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static bool StandsAlone(ReadOnlySpan<byte> text, int start, int end) =>
        (start == 0 || Word.Match(text, Utf8.Previous(text, start)) != start) && (end == text.Length || Word.Match(text, end) < 0);
}
