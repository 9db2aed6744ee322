using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>
/// The ids of pieces that were merged not long ago. A text repeats its names and rare words; each is merged once while
/// it stays here. A fixed table where a newer piece takes the place of an older one.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>Longer pieces, and pieces of more ids, are not kept.</summary>
    internal const int LongestPiece = 16, MostIds = 7;

    private const int Bits = 13;
    private readonly Entry[] entries = new Entry[1 << Bits];

    [InlineArray(MostIds)]
    internal struct IdList
    {
        private int first;
    }

    internal struct Entry
    {
        internal ulong Low, High;
        internal short Length, Count;
        internal IdList Ids;
    }

    /// <summary>The place of a piece, given as two integers and its length; it may hold another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref Entry At(ulong low, ulong high, int length)
    {
        ulong product = (low ^ (high * 0xC2B2AE3D27D4EB4F)) * 0x9E3779B97F4A7C15 + (ulong)length;
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(entries), (int)((product ^ product >> 29) * 0xD6E8FEB86659FD93 >> (64 - Bits)));
    }
}
