using System.Runtime.CompilerServices;

namespace ModelDsl.Tokenizers;

/// <summary>
/// A growing list of token ids that is used again and again, so that encoding allocates nothing once it is large
/// enough; with <see cref="TracksOffsets"/> also the place of each token in the text.
/// </summary>
public sealed class TokenBuffer
{
    private int[] ids;
    private (int Start, int End)[] offsets;

    public TokenBuffer(int capacity = 256, bool tracksOffsets = false)
    {
        TracksOffsets = tracksOffsets;
        ids = new int[Math.Max(capacity, 16)];
        offsets = tracksOffsets ? new (int, int)[ids.Length] : [];
    }

    public bool TracksOffsets { get; }

    public int Count { get; private set; }

    public ReadOnlySpan<int> Ids => ids.AsSpan(0, Count);

    /// <summary>For each token the UTF-8 bytes [Start, End) of the text that it stands for; empty for what a template adds.</summary>
    public ReadOnlySpan<(int Start, int End)> Offsets => TracksOffsets
        ? offsets.AsSpan(0, Count)
        : throw new InvalidOperationException("This buffer keeps no offsets; create it with tracksOffsets: true.");

    public void Clear() => Count = 0;

    /// <summary>Drops all tokens from <paramref name="count"/> on.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id, int start, int end)
    {
        int at = Count;
        if (at >= ids.Length) Grow(at + 1);
        ids[at] = id;
        if (TracksOffsets) offsets[at] = (start, end);
        Count = at + 1;
    }

    /// <summary>Adds all tokens of another buffer.</summary>
    internal void Append(TokenBuffer other)
    {
        if (Count + other.Count > ids.Length) Grow(Count + other.Count);
        other.Ids.CopyTo(ids.AsSpan(Count));
        if (TracksOffsets) other.Offsets.CopyTo(offsets.AsSpan(Count));
        Count += other.Count;
    }

    /// <summary>Room for <paramref name="count"/> more ids, to be written at the front and then committed by <see cref="Advance"/>.</summary>
    internal Span<int> Room(int count)
    {
        if (Count + count > ids.Length) Grow(Count + count);
        return ids.AsSpan(Count);
    }

    internal void Advance(int count) => Count += count;

    internal void SetOffsets(int index, int start, int end) => offsets[index] = (start, end);

    private void Grow(int least)
    {
        int size = (int)Math.Min(Math.Max(2L * ids.Length, least), Array.MaxLength);
        Array.Resize(ref ids, size);
        if (TracksOffsets) Array.Resize(ref offsets, size);
    }
}
