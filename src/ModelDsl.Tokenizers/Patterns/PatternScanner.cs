using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>Finds the matches of a split pattern in UTF-8 text, from left to right.</summary>
public abstract class PatternScanner
{
    /// <summary>
    /// The end of the match that begins at <paramref name="start"/>, or -1 where none does or it would be empty. The
    /// text begins at 0 and ends at its length: lookaheads and <c>$</c> see that.
    /// </summary>
    public abstract int Match(ReadOnlySpan<byte> text, int start);

    /// <summary>
    /// The next pieces of the text from <paramref name="from"/> on, as many as <paramref name="cuts"/> has room for: the end of each match, and
    /// the complement (<c>~end</c>) of the end of each stretch between matches. Returns how many were written.
    /// </summary>
    public virtual int Cut(ReadOnlySpan<byte> text, int from, Span<int> cuts)
    {
        int count = 0;
        while (count + 1 < cuts.Length && from < text.Length)
        {
            int end = Match(text, from);
            if (end < 0)
            {
                int gap = from;
                do gap += GapLength(text, gap);
                while (gap < text.Length && (end = Match(text, gap)) < 0);
                cuts[count++] = ~gap;
                if (end < 0) break;
            }
            cuts[count++] = from = end;
        }
        return count;
    }

    /// <summary>The class of the character at <paramref name="at"/>: of ASCII by a table, of others by a map; at the end of the text the map's End.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static int ClassAt(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> ascii, CodePointMap map, out int length)
    {
        length = 1;
        if ((uint)at >= (uint)text.Length) return map.End;
        return text[at] < 0x80 ? ascii[text[at]] : map[Utf8.Read(text, at, out length)];
    }

    /// <summary>The end of a run of characters each of which may be the last of the match but for the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static int SkipRun(ReadOnlySpan<byte> text, int at, Vector128<byte> run, ref int found)
    {
        int end = ByteRun.End(text, at, run);
        if (end > at) found = end - 1;
        return end;
    }

    /// <summary>How far to go on where nothing matches: one character.</summary>
    protected virtual int GapLength(ReadOnlySpan<byte> text, int at)
    {
        Utf8.Read(text, at, out int length);
        return length;
    }
}
