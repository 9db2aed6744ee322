using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>
/// Byte-pair encoding of one piece (Sennrich et al., 2016): while some neighbours have a merge, the leftmost pair of the
/// smallest rank becomes one token.
/// </summary>
internal sealed class BpeMerger
{
    // The heap takes 20 bytes for each byte of a piece, and its steps wait for memory.
    private const int LongestPiece = 1 << 26;

    // Up to here a scan over all pairs beats keeping them in a heap; positions fit into a byte.
    private const int LongestScan = 255;
    private const int PositionBits = 8;

    private static readonly byte[] Successors = [.. Enumerable.Range(1, 255).Select(i => (byte)i), 255];
    private static readonly byte[] Predecessors = [0, .. Enumerable.Range(0, 255).Select(i => (byte)i)];

    private ulong[] heap = [];
    private int[] next = [], previous = [];

    /// <summary>Refuses a piece that would take too much memory and time.</summary>
    /// <exception cref="InvalidDataException">It is longer than is supported.</exception>
    internal static void CheckLength(int length, int offset)
    {
        if (length > LongestPiece)
            throw new InvalidDataException(
                $"at byte {offset} the text has a piece of {length} bytes without a place to cut; at most {LongestPiece} are supported. Cut the text there before encoding it.");
    }

    /// <summary>Merges <paramref name="symbols"/> in place; returns how many tokens remain, at the front.</summary>
    [SkipLocalsInit]
    internal int Merge(Span<int> symbols, PairTable pairs)
    {
        if (symbols.Length < 2) return symbols.Length;
        if (symbols.Length > LongestScan) return MergeByHeap(symbols, pairs);
        Span<int> ranks = stackalloc int[LongestScan + Vector256<int>.Count];
        for (int i = 0; i + 1 < symbols.Length; i++) ranks[i] = Placed(pairs[symbols[i], symbols[i + 1]], i);
        return MergeByScan(symbols, ranks, pairs);
    }

    /// <summary>Merges bytes, with the ranks of pairs of bytes given as a table of 256 x 256.</summary>
    [SkipLocalsInit]
    internal int MergeBytes(ReadOnlySpan<byte> bytes, int[] byteIds, int[] byteRanks, Span<int> symbols, PairTable pairs)
    {
        symbols = symbols[..bytes.Length];
        for (int i = 0; i < bytes.Length; i++) symbols[i] = byteIds[bytes[i]];
        if (symbols.Length < 2) return symbols.Length;
        if (symbols.Length > LongestScan) return MergeByHeap(symbols, pairs);
        Span<int> ranks = stackalloc int[LongestScan + Vector256<int>.Count];
        for (int i = 0; i + 1 < bytes.Length; i++) ranks[i] = Placed(byteRanks[bytes[i] << 8 | bytes[i + 1]], i);
        return MergeByScan(symbols, ranks, pairs);
    }

    // A rank with its position behind it: the smallest is the leftmost of the smallest rank.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Placed(int rank, int position) => rank == PairTable.None ? PairTable.None : rank << PositionBits | position;

    // The symbols stay where they are and form a linked list; `ranks` has room for a vector more than there are pairs.
    [SkipLocalsInit]
    private static int MergeByScan(Span<int> symbols, Span<int> ranks, PairTable pairs)
    {
        int count = symbols.Length;
        Vector256.Create(PairTable.None).CopyTo(ranks[(count - 1)..]);
        ref int rank = ref MemoryMarshal.GetReference(ranks);
        ref int symbol = ref MemoryMarshal.GetReference(symbols);
        Span<byte> nexts = stackalloc byte[LongestScan + 1], previouses = stackalloc byte[LongestScan + 1];
        Successors.AsSpan(0, count).CopyTo(nexts);
        Predecessors.AsSpan(0, count).CopyTo(previouses);
        ref byte next = ref MemoryMarshal.GetReference(nexts);
        ref byte previous = ref MemoryMarshal.GetReference(previouses);
        while (true)
        {
            int best = Smallest(ref rank, count - 1);
            if (best == PairTable.None) break;
            int at = best & LongestScan;
            int right = Unsafe.Add(ref next, at), after = Unsafe.Add(ref next, right);
            int merged = pairs.Result(Unsafe.Add(ref symbol, at), Unsafe.Add(ref symbol, right), best >> PositionBits);
            Unsafe.Add(ref symbol, at) = merged;
            Unsafe.Add(ref next, at) = (byte)after;
            Unsafe.Add(ref rank, right) = PairTable.None;
            Unsafe.Add(ref rank, at) = PairTable.None;
            if (after < count)
            {
                Unsafe.Add(ref previous, after) = (byte)at;
                Unsafe.Add(ref rank, at) = Placed(pairs[merged, Unsafe.Add(ref symbol, after)], at);
            }
            if (at > 0)
            {
                int before = Unsafe.Add(ref previous, at);
                Unsafe.Add(ref rank, before) = Placed(pairs[Unsafe.Add(ref symbol, before), merged], before);
            }
        }
        int written = 0;
        for (int i = 0; i < count; i = Unsafe.Add(ref next, i)) Unsafe.Add(ref symbol, written++) = Unsafe.Add(ref symbol, i);
        return written;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Smallest(ref int ranks, int count)
    {
        var least = Vector256.LoadUnsafe(ref ranks);
        for (int i = Vector256<int>.Count; i < count; i += Vector256<int>.Count)
            least = Vector256.Min(least, Vector256.LoadUnsafe(ref Unsafe.Add(ref ranks, i)));
        var half = Vector128.Min(least.GetLower(), least.GetUpper());
        half = Vector128.Min(half, Vector128.Shuffle(half, Vector128.Create(2, 3, 0, 1)));
        half = Vector128.Min(half, Vector128.Shuffle(half, Vector128.Create(1, 0, 3, 2)));
        return half.ToScalar();
    }

    // A heap of (rank, position) over a linked list; entries whose pair has changed since are skipped.
    private int MergeByHeap(Span<int> symbols, PairTable pairs)
    {
        int count = symbols.Length;
        if (next.Length < count)
        {
            next = new int[count];
            previous = new int[count];
            heap = new ulong[count + 1];
        }
        int size = 0;
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            if (i + 1 < count && pairs[symbols[i], symbols[i + 1]] is var rank && rank != PairTable.None) heap[size++] = Entry(rank, i);
        }
        for (int i = size / 2 - 1; i >= 0; i--) SiftDown(i, size);

        while (size > 0)
        {
            int at = (int)(uint)heap[0], rank = (int)(heap[0] >> 32);
            int right = symbols[at] < 0 ? count : next[at];
            if (right >= count || pairs[symbols[at], symbols[right]] != rank)
            {
                heap[0] = heap[--size];
                SiftDown(0, size);
                continue;
            }
            symbols[at] = pairs.Result(symbols[at], symbols[right], rank);
            symbols[right] = -1;
            int after = next[at] = next[right];
            if (after < count) previous[after] = at;
            int renewed = after < count ? pairs[symbols[at], symbols[after]] : PairTable.None;
            heap[0] = renewed != PairTable.None ? Entry(renewed, at) : heap[--size];
            SiftDown(0, size);
            int before = previous[at];
            if (before >= 0 && pairs[symbols[before], symbols[at]] is var widened && widened != PairTable.None)
            {
                if (size == heap.Length) Array.Resize(ref heap, 2 * heap.Length);
                heap[size] = Entry(widened, before);
                SiftUp(size++);
            }
        }

        int written = 0;
        for (int i = 0; i < count; i = next[i]) symbols[written++] = symbols[i];
        return written;
    }

    private static ulong Entry(int rank, int position) => (ulong)(uint)rank << 32 | (uint)position;

    private void SiftDown(int at, int size)
    {
        if (at >= size) return;
        ulong moved = heap[at];
        for (int child; (child = 2 * at + 1) < size; at = child)
        {
            if (child + 1 < size && heap[child + 1] < heap[child]) child++;
            if (heap[child] >= moved) break;
            heap[at] = heap[child];
        }
        heap[at] = moved;
    }

    private void SiftUp(int at)
    {
        ulong moved = heap[at];
        for (int parent; at > 0 && heap[parent = (at - 1) / 2] > moved; at = parent) heap[at] = heap[parent];
        heap[at] = moved;
    }
}
