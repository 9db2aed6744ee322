namespace ModelDsl.Tokenizers.Text;

/// <summary>
/// Places where a text in SentencePiece's form may be cut without changing its ids: before a Metaspace that follows
/// another character, if no token of the vocabulary reaches across such a place.
/// </summary>
/// <remarks>Models that see the whole text as one piece become linear and need little memory by this.</remarks>
internal sealed class WordCuts
{
    private static readonly byte[] Mark = [0xE2, 0x96, 0x81];

    internal WordCuts(TokenTable tokens, Func<int, bool> findable)
    {
        if (tokens.Find(Mark) < 0) return;
        for (int id = 0; id < tokens.Count; id++)
            if (findable(id) && Next(tokens[id], 0) >= 0) return;
        Possible = true;
    }

    /// <summary>Whether the vocabulary lets the text be cut at all.</summary>
    internal bool Possible { get; }

    /// <summary>The end of the part of the text that begins at <paramref name="start"/>.</summary>
    internal int End(ReadOnlySpan<byte> text, int start) => Possible && Next(text, start) is var next && next >= 0 ? next : text.Length;

    // Where a Metaspace follows something else, at or after `start`; -1 where none does.
    private static int Next(ReadOnlySpan<byte> text, int start)
    {
        for (int at = start; at < text.Length;)
        {
            int found = text[at..].IndexOf(Mark);
            if (found < 0) return -1;
            at += found;
            if (at > start && !text[..at].EndsWith(Mark)) return at;
            at += Mark.Length;
        }
        return -1;
    }
}
