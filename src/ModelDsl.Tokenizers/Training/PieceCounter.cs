using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Training;

/// <summary>A table of different pieces and how often each was seen; the pieces lie one after another in blocks of memory.</summary>
internal sealed class PieceCounter
{
    private const int BlockBits = 20;

    private readonly List<byte[]> blocks = [];
    private int blockUsed = 1 << BlockBits;
    private Piece[] pieces = new Piece[1024];
    private int[] slots = new int[4096]; // piece + 1

    private struct Piece
    {
        internal uint Hash;
        internal int Block, Start, Length;
        internal long Count;
    }

    internal int Count { get; private set; }

    internal ReadOnlySpan<byte> this[int piece] => blocks[pieces[piece].Block].AsSpan(pieces[piece].Start, pieces[piece].Length);

    internal long Occurrences(int piece) => pieces[piece].Count;

    internal void Add(ReadOnlySpan<byte> piece, long count)
    {
        uint hash = Hash(piece);
        for (uint at = hash; ; at++)
        {
            ref int slot = ref slots[at & (uint)(slots.Length - 1)];
            if (slot == 0)
            {
                slot = Insert(piece, hash, count) + 1;
                if (2 * Count > slots.Length) Rehash();
                return;
            }
            ref var known = ref pieces[slot - 1];
            if (known.Hash == hash && this[slot - 1].SequenceEqual(piece))
            {
                known.Count += count;
                return;
            }
        }
    }

    internal void Add(PieceCounter other)
    {
        for (int i = 0; i < other.Count; i++) Add(other[i], other.Occurrences(i));
    }

    /// <summary>The pieces in the order of their bytes, which does not depend on the order in which they came.</summary>
    internal int[] Sorted()
    {
        var order = new int[Count];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        order.AsSpan().Sort((a, b) => this[a].SequenceCompareTo(this[b]));
        return order;
    }

    private int Insert(ReadOnlySpan<byte> piece, uint hash, long count)
    {
        if (blockUsed + piece.Length > 1 << BlockBits)
        {
            blocks.Add(new byte[Math.Max(1 << BlockBits, piece.Length)]);
            blockUsed = 0;
        }
        piece.CopyTo(blocks[^1].AsSpan(blockUsed));
        if (Count == pieces.Length) Array.Resize(ref pieces, 2 * Count);
        pieces[Count] = new Piece { Hash = hash, Block = blocks.Count - 1, Start = blockUsed, Length = piece.Length, Count = count };
        blockUsed += piece.Length;
        return Count++;
    }

    private void Rehash()
    {
        slots = new int[2 * slots.Length];
        for (int i = 0; i < Count; i++)
        {
            uint at = pieces[i].Hash;
            while (slots[at & (uint)(slots.Length - 1)] != 0) at++;
            slots[at & (uint)(slots.Length - 1)] = i + 1;
        }
    }

    private static uint Hash(ReadOnlySpan<byte> piece) => TokenTable.Hash(piece);
}
