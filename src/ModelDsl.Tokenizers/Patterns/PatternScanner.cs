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

    /// <summary>How far to go on where nothing matches: one character.</summary>
    protected virtual int GapLength(ReadOnlySpan<byte> text, int at)
    {
        Utf8.Read(text, at, out int length);
        return length;
    }
}
