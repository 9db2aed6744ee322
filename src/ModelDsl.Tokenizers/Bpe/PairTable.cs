using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>
/// The merges: for a pair of neighbouring tokens the rank (smaller is earlier) and the token that they become, as one
/// integer <c>rank &lt;&lt; 32 | id</c>; <see cref="None"/> for a pair that never merges.
/// </summary>
internal sealed class PairTable
{
    internal const ulong None = ulong.MaxValue;

    private Entry[] entries;
    private int shift;

    private struct Entry
    {
        internal ulong Pair; // left + 1 << 32 | right; 0: free
        internal ulong Merge;
    }

    internal PairTable(int capacity)
    {
        entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * capacity))];
        shift = 64 - BitOperations.Log2((uint)entries.Length);
    }

    internal int Count { get; private set; }

    /// <summary>The merge of a pair, or <see cref="None"/>.</summary>
    internal ulong this[int left, int right]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong pair = Key(left, right);
            var table = entries;
            for (uint at = Hash(pair); ; at++)
            {
                ref var entry = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(table), at & (uint)(table.Length - 1));
                if (entry.Pair == pair) return entry.Merge;
                if (entry.Pair == 0) return None;
            }
        }
    }

    /// <summary>Adds a merge unless the pair has one already; says whether it was added.</summary>
    internal bool TryAdd(int left, int right, int rank, int id)
    {
        if (this[left, right] != None) return false;
        if (++Count * 2 > entries.Length) Grow();
        Insert(Key(left, right), (ulong)(uint)rank << 32 | (uint)id);
        return true;
    }

    private void Grow()
    {
        var old = entries;
        entries = new Entry[old.Length * 2];
        shift--;
        foreach (var entry in old)
            if (entry.Pair != 0) Insert(entry.Pair, entry.Merge);
    }

    private void Insert(ulong pair, ulong merge)
    {
        uint at = Hash(pair);
        while (entries[at & (uint)(entries.Length - 1)].Pair != 0) at++;
        entries[at & (uint)(entries.Length - 1)] = new Entry { Pair = pair, Merge = merge };
    }

    private static ulong Key(int left, int right) => (ulong)((long)left + 1) << 32 | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Hash(ulong pair)
    {
        ulong product = pair * 0x9E3779B97F4A7C15;
        return (uint)((product ^ BitOperations.RotateLeft(product, 32)) * 0xD6E8FEB86659FD93 >> shift);
    }
}
