using System.Numerics;

namespace ModelDsl.Runtime;

/// <summary>
/// A keyed permutation of [0, n) in constant memory: a Feistel network over the next even power of two, walked until it
/// falls below n (Black and Rogaway, 2002). Element i of an epoch's shuffled order costs the same for every i.
/// </summary>
public static class Permutation
{
    private const int Rounds = 6;

    /// <summary>Where <paramref name="index"/> goes in the permutation of <paramref name="count"/> numbered <paramref name="epoch"/>.</summary>
    public static long At(long index, long count, ulong key, ulong epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)index, (ulong)count, nameof(index));
        int half = (BitOperations.Log2((ulong)Math.Max(count - 1, 1)) + 2) / 2;
        ulong mask = (1UL << half) - 1, value = (ulong)index;
        do
        {
            ulong left = value >> half, right = value & mask;
            for (uint round = 0; round < Rounds; round++)
                (left, right) = (right, left ^ (Mix(right + Mix(epoch + Mix(key + round))) & mask));
            value = left << half | right;
        }
        while (value >= (ulong)count);
        return (long)value;
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}
