using System.Text;

namespace ModelDsl.Tokenizers.Text;

/// <summary>
/// The printable alphabet in which byte-level vocabularies are written: each byte is one character; printable Latin-1
/// bytes are themselves, the others are U+0100 and on (GPT-2's bytes_to_unicode).
/// </summary>
internal static class ByteAlphabet
{
    /// <summary>The character of each byte.</summary>
    internal static readonly char[] Characters = new char[256];

    private static readonly Dictionary<char, byte> Bytes = [];

    static ByteAlphabet()
    {
        char next = (char)0x100;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            Bytes[Characters[b] = printable ? (char)b : next++] = (byte)b;
        }
    }

    /// <summary>The bytes that a token stands for, or null where it holds a character outside the alphabet.</summary>
    internal static byte[]? ToBytes(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
            if (!Bytes.TryGetValue(token[i], out bytes[i])) return null;
        return bytes;
    }

    internal static string ToText(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte b in bytes) text.Append(Characters[b]);
        return text.ToString();
    }
}
