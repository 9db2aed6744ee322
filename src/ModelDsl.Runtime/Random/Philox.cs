using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime;

/// <summary>
/// Philox4x32-10 (Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words as a pure
/// function of a 64-bit key and a 128-bit counter, so that any order of the draws gives the same bits.
/// </summary>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The words of counter (<paramref name="stream"/>, <paramref name="block"/>) under <paramref name="key"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (uint X, uint Y, uint Z, uint W) Block(ulong key, ulong stream, ulong block)
    {
        uint x = (uint)block, y = (uint)(block >> 32), z = (uint)stream, w = (uint)(stream >> 32);
        uint key0 = (uint)key, key1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong first = (ulong)Multiplier0 * x, second = (ulong)Multiplier1 * z;
            (x, y, z, w) = ((uint)(second >> 32) ^ y ^ key0, (uint)second, (uint)(first >> 32) ^ w ^ key1, (uint)first);
            key0 += Weyl0;
            key1 += Weyl1;
        }
        return (x, y, z, w);
    }

    /// <summary>A number in [0, <paramref name="limit"/>) for draw <paramref name="index"/> of a stream.</summary>
    /// <remarks>64 random bits times the limit, upper half (Lemire, 2019): the bias is below limit / 2^64.</remarks>
    public static long Below(long limit, ulong key, ulong stream, ulong index)
    {
        var (x, y, _, _) = Block(key, stream, index);
        return (long)Math.BigMul((ulong)y << 32 | x, (ulong)limit, out _);
    }

    /// <summary>The number of a named stream: FNV-1a over the UTF-16 code units of the name.</summary>
    public static ulong Stream(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char unit in name)
            hash = (hash ^ unit) * 0x100000001B3;
        return hash;
    }
}
