namespace ModelDsl.Tokenizers.Normalizing;

/// <summary>
/// A text while normalizers change it, and where each of its bytes comes from. A normalizer reads <see cref="Text"/> from
/// front to back, keeps or replaces each part, and then calls <see cref="Flip"/>.
/// </summary>
internal sealed class NormalizedText
{
    private byte[] text = new byte[256], next = new byte[256];
    private (int Start, int End)[] sources = [], nextSources = [];
    private int length, nextLength;
    private bool tracks;
    private long longest;
    private int growth;

    /// <summary>Room for the code points that a normalizer works on.</summary>
    internal List<int> Run { get; } = [];

    internal ReadOnlySpan<byte> Text => text.AsSpan(0, length);

    /// <summary>Whether the text is the beginning of what is encoded.</summary>
    internal bool IsBeginning { get; private set; }

    /// <exception cref="InvalidDataException">From here on: a normalizer makes the text longer than <see cref="TokenizerLimits.Growth"/> allows.</exception>
    internal void Reset(ReadOnlySpan<byte> utf8, int offset, bool tracksSources, TokenizerLimits limits)
    {
        (longest, growth) = (limits.Grown(utf8.Length), limits.Growth);
        (length, nextLength, tracks, IsBeginning) = (0, 0, tracksSources, offset == 0);
        Reserve(utf8.Length);
        utf8.CopyTo(next);
        if (tracks)
            for (int i = 0; i < utf8.Length; i++) nextSources[i] = (offset + i, offset + i + 1);
        nextLength = utf8.Length;
        Flip();
    }

    /// <summary>Takes over the bytes [from, to) as they are.</summary>
    internal void Keep(int from, int to)
    {
        Reserve(to - from);
        text.AsSpan(from, to - from).CopyTo(next.AsSpan(nextLength));
        if (tracks) sources.AsSpan(from, to - from).CopyTo(nextSources.AsSpan(nextLength));
        nextLength += to - from;
    }

    /// <summary>Puts <paramref name="replacement"/> where the bytes [from, to) were; an empty range inserts.</summary>
    internal void Replace(ReadOnlySpan<byte> replacement, int from, int to)
    {
        Reserve(replacement.Length);
        replacement.CopyTo(next.AsSpan(nextLength));
        if (tracks)
        {
            int start = from < length ? sources[from].Start : length > 0 ? sources[length - 1].End : 0;
            nextSources.AsSpan(nextLength, replacement.Length).Fill((start, to > from ? sources[to - 1].End : start));
        }
        nextLength += replacement.Length;
    }

    /// <summary>What was kept and put becomes the text.</summary>
    internal void Flip()
    {
        (text, next, sources, nextSources) = (next, text, nextSources, sources);
        (length, nextLength) = (nextLength, 0);
    }

    /// <summary>From the place of a token in this text to its place in the source.</summary>
    internal (int Start, int End) SourceOf(int start, int end)
    {
        if (length == 0) return (0, 0);
        if (start >= end) return (sources[Math.Min(start, length - 1)].Start, sources[Math.Min(start, length - 1)].Start);
        return (sources[start].Start, sources[end - 1].End);
    }

    private void Reserve(int more)
    {
        if (nextLength + (long)more > longest)
            throw new InvalidDataException($"The tokenizer's normalizers make a text more than {growth} times longer ({nameof(TokenizerLimits)}.{nameof(TokenizerLimits.Growth)}).");
        if (nextLength + more > next.Length) Array.Resize(ref next, Math.Max(nextLength + more, 2 * next.Length));
        if (tracks && nextLength + more > nextSources.Length) Array.Resize(ref nextSources, next.Length);
    }
}
