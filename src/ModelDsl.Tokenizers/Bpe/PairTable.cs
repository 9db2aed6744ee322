using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>
/// The merges: for a pair of neighbouring tokens its rank (smaller is earlier), or <see cref="None"/> for a pair that
/// never merges; and the token that it becomes.
/// </summary>
/// <remarks>An entry is one integer of 64 bits (left, right and rank in 21 bits each), so that most of the table stays near.</remarks>
internal sealed class PairTable
{
    /// <summary>The rank of a pair that never merges.</summary>
    internal const int None = int.MaxValue;

    private const int Bits = 21;

    /// <summary>Ids and ranks must be below this.</summary>
    internal const int Limit = (1 << Bits) - 1;

    private readonly ulong[] entries; // (left << 21 | right) + 1 << 21 | rank; 0: free
    private readonly int shift;
    private readonly int[] results;
    private readonly Dictionary<(int Left, int Right), int>? resultsOfTies;

    /// <param name="merges">Pairs, their ranks and results; of a pair that comes twice the first counts.</param>
    internal PairTable(IReadOnlyList<(int Left, int Right, int Rank, int Result)> merges)
    {
        entries = new ulong[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * merges.Count))];
        shift = 64 - BitOperations.Log2((uint)entries.Length);
        int ranks = 0;
        foreach (var merge in merges)
        {
            if (Math.Max(Math.Max(merge.Left, merge.Right), merge.Rank) >= Limit)
                throw new NotSupportedException($"The vocabulary is too large: ids and merges must be below {Limit}.");
            ranks = Math.Max(ranks, merge.Rank + 1);
        }
        results = new int[ranks];
        Array.Fill(results, -1);
        foreach (var (left, right, rank, result) in merges)
        {
            if (this[left, right] != None) continue;
            ulong key = Key(left, right);
            uint at = Hash(key);
            while (entries[at & (uint)(entries.Length - 1)] != 0) at++;
            entries[at & (uint)(entries.Length - 1)] = key << Bits | (uint)rank;
            if (results[rank] < 0) results[rank] = result;
            else if (results[rank] != result) (resultsOfTies ??= []).Add((left, right), result);
        }
    }

    /// <summary>The rank of a pair, or <see cref="None"/>.</summary>
    internal int this[int left, int right]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong key = Key(left, right);
            var table = entries;
            for (uint at = Hash(key); ; at++)
            {
                ulong entry = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(table), at & (uint)(table.Length - 1));
                if (entry >> Bits == key) return (int)entry & Limit;
                if (entry == 0) return None;
            }
        }
    }

    /// <summary>The token that a pair of this rank becomes.</summary>
    internal int Result(int left, int right, int rank) =>
        resultsOfTies is not null && resultsOfTies.TryGetValue((left, right), out int result) ? result : results[rank];

    private static ulong Key(int left, int right) => ((ulong)(uint)left << Bits | (uint)right) + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Hash(ulong key)
    {
        ulong product = key * 0x9E3779B97F4A7C15;
        return (uint)((product ^ product >> 32) * 0xD6E8FEB86659FD93 >> shift);
    }
}
