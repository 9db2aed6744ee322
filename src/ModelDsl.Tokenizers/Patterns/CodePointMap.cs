using System.Globalization;
using System.Runtime.CompilerServices;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>
/// The class of each code point, from the intervals and categories of a compiled pattern and the Unicode data of the
/// running .NET. Blocks of 256 code points are filled when first asked for.
/// </summary>
public sealed class CodePointMap
{
    private const int Categories = 30;
    private const int BlockBits = 8;

    private readonly int[] starts;
    private readonly byte[] table;
    private readonly byte[]?[] blocks = new byte[0x110000 >> BlockBits][];

    /// <param name="starts">The first code point of each interval, ascending from 0.</param>
    /// <param name="table">Intervals x 30: the class for each <see cref="UnicodeCategory"/>.</param>
    public CodePointMap(ReadOnlySpan<int> starts, ReadOnlySpan<byte> table)
    {
        this.starts = starts.ToArray();
        this.table = table.ToArray();
        foreach (byte kind in table) End = Math.Max(End, kind + 1);
    }

    /// <summary>One more than the largest class: what stands for the end of the text.</summary>
    public int End { get; }

    /// <summary>The class of a code point up to 0x10FFFF.</summary>
    public byte this[int codePoint]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var block = blocks[codePoint >> BlockBits] ?? Fill(codePoint >> BlockBits);
            return block[codePoint & ((1 << BlockBits) - 1)];
        }
    }

    // Two threads may fill the same block with the same bytes.
    private byte[] Fill(int block)
    {
        var classes = new byte[1 << BlockBits];
        int first = block << BlockBits;
        int interval = Array.BinarySearch(starts, first);
        if (interval < 0) interval = ~interval - 1;
        for (int i = 0; i < classes.Length; i++)
        {
            while (interval + 1 < starts.Length && starts[interval + 1] <= first + i) interval++;
            classes[i] = table[interval * Categories + (int)CharUnicodeInfo.GetUnicodeCategory(first + i)];
        }
        return blocks[block] = classes;
    }
}
