using System.Runtime.CompilerServices;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>Reading code points from bytes that need not be valid UTF-8.</summary>
public static class Utf8
{
    /// <summary>What a byte that begins no valid sequence counts as: U+FFFD.</summary>
    public const int Replacement = 0xFFFD;

    /// <summary>
    /// The code point at <paramref name="at"/>, and how many bytes it takes. A byte that begins no valid sequence is
    /// a character of its own, U+FFFD (of one byte), so that no byte is ever lost.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ReadOnlySpan<byte> text, int at, out int length)
    {
        int first = text[at];
        if (first < 0x80)
        {
            length = 1;
            return first;
        }
        return ReadLong(text, at, first, out length);
    }

    private static int ReadLong(ReadOnlySpan<byte> text, int at, int first, out int length)
    {
        int left = text.Length - at;
        if (first is >= 0xE0 and < 0xF0 && left >= 3)
        {
            int second = text[at + 1], third = text[at + 2];
            int value = (first & 0xF) << 12 | (second & 0x3F) << 6 | third & 0x3F;
            if ((second & 0xC0) == 0x80 && (third & 0xC0) == 0x80 && value >= 0x800 && (value & 0xF800) != 0xD800)
            {
                length = 3;
                return value;
            }
        }
        else if (first is >= 0xC2 and < 0xE0 && left >= 2 && (text[at + 1] & 0xC0) == 0x80)
        {
            length = 2;
            return (first & 0x1F) << 6 | text[at + 1] & 0x3F;
        }
        else if (first is >= 0xF0 and < 0xF5 && left >= 4)
        {
            int value = (first & 7) << 18 | (text[at + 1] & 0x3F) << 12 | (text[at + 2] & 0x3F) << 6 | text[at + 3] & 0x3F;
            if ((text[at + 1] & 0xC0) == 0x80 && (text[at + 2] & 0xC0) == 0x80 && (text[at + 3] & 0xC0) == 0x80 && value is >= 0x10000 and < 0x110000)
            {
                length = 4;
                return value;
            }
        }
        length = 1;
        return Replacement;
    }

    /// <summary>Whether white space stands at <paramref name="at"/>.</summary>
    public static bool IsSpace(ReadOnlySpan<byte> text, int at, out int length)
    {
        int codePoint = Read(text, at, out length);
        return codePoint <= 0xFFFF && char.IsWhiteSpace((char)codePoint);
    }

    /// <summary>Where the character before <paramref name="at"/> begins.</summary>
    public static int Previous(ReadOnlySpan<byte> text, int at)
    {
        int start = at - 1;
        while (start > 0 && at - start < 4 && (text[start] & 0xC0) == 0x80) start--;
        Read(text, start, out int length);
        return start + length == at ? start : at - 1;
    }
}
