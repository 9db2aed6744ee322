using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>A set of ASCII characters, for skipping a run of them sixteen at a time.</summary>
/// <remarks>Byte l of the set has bit h where the character h * 16 + l belongs to it.</remarks>
public static class ByteRun
{
    private static readonly Vector128<byte> Bits = Vector128.Create(1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0).AsByte();

    /// <summary>The set of the characters for which <paramref name="contains"/> holds.</summary>
    public static Vector128<byte> Set(Func<int, bool> contains)
    {
        Span<byte> set = stackalloc byte[16];
        set.Clear();
        for (int c = 0; c < 0x80; c++)
            if (contains(c)) set[c & 15] |= (byte)(1 << (c >> 4));
        return Vector128.Create<byte>(set);
    }

    /// <summary>Where the run of characters of the set that begins at <paramref name="at"/> ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int End(ReadOnlySpan<byte> text, int at, Vector128<byte> set)
    {
        while (at + 16 <= text.Length)
        {
            var bytes = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)at);
            var low = Lookup(set, bytes & Vector128.Create((byte)15));
            var high = Lookup(Bits, Vector128.ShiftRightLogical(bytes, 4));
            uint outside = Vector128.Equals(low & high, Vector128<byte>.Zero).ExtractMostSignificantBits();
            if (outside != 0) return at + BitOperations.TrailingZeroCount(outside);
            at += 16;
        }
        return Tail(text, at, set);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> indices) =>
        Ssse3.IsSupported ? Ssse3.Shuffle(table, indices) : Vector128.Shuffle(table, indices);

    private static int Tail(ReadOnlySpan<byte> text, int at, Vector128<byte> set)
    {
        while (at < text.Length && text[at] < 0x80 && (set[text[at] & 15] >> (text[at] >> 4) & 1) != 0) at++;
        return at;
    }
}
