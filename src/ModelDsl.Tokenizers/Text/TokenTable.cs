using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelDsl.Tokenizers.Text;

/// <summary>
/// The tokens of a vocabulary: from id to bytes, and from bytes to id. Ids without a token have no bytes.
/// </summary>
/// <remarks>
/// Tokens of up to 8 bytes are found by one integer, up to 16 by two, longer ones by their bytes; each in a table of
/// its own with linear probing, at most half full.
/// </remarks>
internal sealed class TokenTable
{
    internal const int None = -1;

    private readonly byte[] bytes; // with 16 bytes to spare at the end, so that any token can be copied as a block
    private readonly int[] starts;
    private readonly Short[] shorts;
    private readonly Medium[] mediums;
    private readonly int[] longs; // id + 1
    private readonly int shortShift, mediumShift, longShift;

    private struct Short
    {
        internal ulong Key;
        internal int Id, Length;
    }

    private struct Medium
    {
        internal ulong Low, High;
        internal int Id, Length;
    }

    /// <param name="tokens">The bytes of each id; null or empty for an id that no text can give.</param>
    /// <param name="findable">Whether text can give the id; null: all.</param>
    internal TokenTable(IReadOnlyList<byte[]?> tokens, Func<int, bool>? findable = null)
    {
        Count = tokens.Count;
        starts = new int[Count + 1];
        int shortCount = 0, mediumCount = 0, longCount = 0;
        for (int id = 0; id < Count; id++)
        {
            int length = tokens[id]?.Length ?? 0;
            starts[id + 1] = checked(starts[id] + length);
            LongestToken = Math.Max(LongestToken, length);
            if (length is > 0 and <= 8) shortCount++;
            else if (length is > 8 and <= 16) mediumCount++;
            else if (length > 16) longCount++;
        }
        bytes = new byte[starts[Count] + 16];
        shorts = new Short[Size(shortCount, out shortShift)];
        mediums = new Medium[Size(mediumCount, out mediumShift)];
        longs = new int[Size(longCount, out longShift)];
        for (int id = 0; id < Count; id++)
        {
            if (tokens[id] is not { Length: > 0 } token) continue;
            token.CopyTo(bytes, starts[id]);
            if ((findable is null || findable(id)) && Find(token) == None) Insert(token, id);
        }
    }

    /// <summary>One more than the largest id.</summary>
    internal int Count { get; }

    internal int LongestToken { get; }

    internal ReadOnlySpan<byte> this[int id] => bytes.AsSpan(starts[id], starts[id + 1] - starts[id]);

    internal int Length(int id) => starts[id + 1] - starts[id];

    /// <summary>All tokens one after another, and where each begins.</summary>
    internal ReadOnlySpan<byte> Bytes => bytes;

    internal ReadOnlySpan<int> Starts => starts;

    internal int Find(ReadOnlySpan<byte> token) => Find(token, 0, token.Length);

    /// <summary>The id of text[start..end), or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(ReadOnlySpan<byte> text, int start, int end)
    {
        int length = end - start;
        if (length > 8) return FindMedium(text, start, length);
        ulong key = Load(text, start, length);
        for (uint at = ShortHash(key, length, shortShift); ; at++)
        {
            ref var entry = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(shorts), at & (uint)(shorts.Length - 1));
            if (entry.Key == key && entry.Length == length) return entry.Id;
            if (entry.Length == 0) return None;
        }
    }

    private int FindMedium(ReadOnlySpan<byte> text, int start, int length)
    {
        if (length > 16) return FindLong(text.Slice(start, length));
        ulong low = Load(text, start, 8), high = Load(text, start + 8, length - 8);
        for (uint at = MediumHash(low, high, length, mediumShift); ; at++)
        {
            ref var entry = ref mediums[at & (uint)(mediums.Length - 1)];
            if (entry.Low == low && entry.High == high && entry.Length == length) return entry.Id;
            if (entry.Length == 0) return None;
        }
    }

    private int FindLong(ReadOnlySpan<byte> token)
    {
        if (token.Length > LongestToken) return None;
        for (uint at = LongHash(token, longShift); ; at++)
        {
            int id = longs[at & (uint)(longs.Length - 1)] - 1;
            if (id < 0) return None;
            if (this[id].SequenceEqual(token)) return id;
        }
    }

    private void Insert(ReadOnlySpan<byte> token, int id)
    {
        if (token.Length <= 8)
        {
            ulong key = Load(token, 0, token.Length);
            uint at = ShortHash(key, token.Length, shortShift);
            while (shorts[at & (uint)(shorts.Length - 1)].Length != 0) at++;
            shorts[at & (uint)(shorts.Length - 1)] = new Short { Key = key, Id = id, Length = token.Length };
        }
        else if (token.Length <= 16)
        {
            ulong low = Load(token, 0, 8), high = Load(token, 8, token.Length - 8);
            uint at = MediumHash(low, high, token.Length, mediumShift);
            while (mediums[at & (uint)(mediums.Length - 1)].Length != 0) at++;
            mediums[at & (uint)(mediums.Length - 1)] = new Medium { Low = low, High = high, Id = id, Length = token.Length };
        }
        else
        {
            uint at = LongHash(token, longShift);
            while (longs[at & (uint)(longs.Length - 1)] != 0) at++;
            longs[at & (uint)(longs.Length - 1)] = id + 1;
        }
    }

    private static int Size(int count, out int shift)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2));
        shift = 64 - BitOperations.Log2((uint)size);
        return size;
    }

    /// <summary>Up to 8 bytes as a little-endian integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Load(ReadOnlySpan<byte> text, int start, int length)
    {
        if ((uint)start + 8 <= (uint)text.Length)
            return Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), start)) & (ulong.MaxValue >> (64 - 8 * length));
        ulong value = 0;
        for (int i = 0; i < length; i++) value |= (ulong)text[start + i] << (8 * i);
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ShortHash(ulong key, int length, int shift)
    {
        ulong product = (key + (ulong)length) * 0x9E3779B97F4A7C15;
        return (uint)((product ^ product >> 32) * 0xD6E8FEB86659FD93 >> shift);
    }

    private static uint MediumHash(ulong low, ulong high, int length, int shift) =>
        ShortHash(low ^ BitOperations.RotateLeft(high * 0xC2B2AE3D27D4EB4F, 29), length, shift);

    /// <summary>A hash of any bytes.</summary>
    internal static uint Hash(ReadOnlySpan<byte> bytes) => LongHash(bytes, 32);

    private static uint LongHash(ReadOnlySpan<byte> token, int shift)
    {
        ulong hash = 0;
        int i = 0;
        for (; i + 8 <= token.Length; i += 8)
            hash = BitOperations.RotateLeft((hash ^ Load(token, i, 8)) * 0x9E3779B97F4A7C15, 31);
        if (i < token.Length) hash ^= Load(token, i, token.Length - i);
        return ShortHash(hash, token.Length, shift);
    }
}
