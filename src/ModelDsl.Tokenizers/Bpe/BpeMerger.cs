using System.Runtime.CompilerServices;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>
/// Byte-pair encoding of one piece (Sennrich et al., 2016): while some neighbours have a merge, the leftmost pair of the
/// smallest rank becomes one token.
/// </summary>
internal sealed class BpeMerger
{
    // Up to here a scan over all pairs beats keeping them in a heap.
    private const int LongestScan = 64;

    private ulong[] heap = [];
    private int[] next = [], previous = [];

    /// <summary>Merges <paramref name="symbols"/> in place; returns how many tokens remain, at the front.</summary>
    internal int Merge(Span<int> symbols, PairTable pairs) =>
        symbols.Length <= LongestScan ? MergeByScan(symbols, pairs) : MergeByHeap(symbols, pairs);

    [SkipLocalsInit]
    private static int MergeByScan(Span<int> symbols, PairTable pairs)
    {
        Span<ulong> merges = stackalloc ulong[LongestScan];
        int count = symbols.Length;
        for (int i = 0; i + 1 < count; i++) merges[i] = pairs[symbols[i], symbols[i + 1]];
        while (count > 1)
        {
            int at = 0;
            ulong best = merges[0];
            for (int i = 1; i < count - 1; i++)
            {
                bool less = merges[i] >> 32 < best >> 32;
                best = less ? merges[i] : best;
                at = less ? i : at;
            }
            if (best == PairTable.None) break;
            symbols[at] = (int)best;
            count--;
            symbols[(at + 2)..(count + 1)].CopyTo(symbols[(at + 1)..]);
            if (at + 1 < count) merges[(at + 1)..count].CopyTo(merges[at..]);
            if (at + 1 < count) merges[at] = pairs[symbols[at], symbols[at + 1]];
            if (at > 0) merges[at - 1] = pairs[symbols[at - 1], symbols[at]];
        }
        return count;
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
            if (i + 1 < count && pairs[symbols[i], symbols[i + 1]] is var merge && merge != PairTable.None)
                heap[size++] = merge >> 32 << 32 | (uint)i;
        }
        for (int i = size / 2 - 1; i >= 0; i--) SiftDown(i, size);

        while (size > 0)
        {
            ulong top = heap[0];
            int at = (int)(uint)top;
            int right = symbols[at] < 0 ? count : next[at];
            ulong merge = right < count ? pairs[symbols[at], symbols[right]] : PairTable.None;
            if (merge == PairTable.None || merge >> 32 != top >> 32)
            {
                heap[0] = heap[--size];
                SiftDown(0, size);
                continue;
            }
            symbols[at] = (int)(uint)merge;
            symbols[right] = -1;
            int after = next[at] = next[right];
            if (after < count) previous[after] = at;
            ulong renewed = after < count ? pairs[symbols[at], symbols[after]] : PairTable.None;
            if (renewed != PairTable.None) heap[0] = renewed >> 32 << 32 | (uint)at;
            else heap[0] = heap[--size];
            SiftDown(0, size);
            int before = previous[at];
            if (before >= 0 && pairs[symbols[before], symbols[at]] is var widened && widened != PairTable.None)
            {
                if (size == heap.Length) Array.Resize(ref heap, 2 * heap.Length);
                heap[size] = widened >> 32 << 32 | (uint)before;
                SiftUp(size++);
            }
        }

        int written = 0;
        for (int i = 0; i < count; i = next[i]) symbols[written++] = symbols[i];
        return written;
    }

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
