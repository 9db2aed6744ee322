using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Normalizing;

/// <summary>
/// SentencePiece's compiled character map: four bytes with the size of a double-array trie, the trie (Darts: units of
/// 32 bits), then zero-terminated replacements. The longest key at each place is replaced.
/// </summary>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private readonly uint[] units;
    private readonly byte[] replacements;

    /// <exception cref="InvalidDataException">The map is cut short or contradicts itself.</exception>
    internal PrecompiledNormalizer(byte[] map, string source)
    {
        uint size = map.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(map) : 0;
        if (map.Length < 4 || size == 0 || size % 4 != 0 || size > map.Length - 4)
            throw new InvalidDataException($"{source}: the precompiled character map is malformed: of its {map.Length} bytes the trie claims {size}.");
        units = new uint[size / 4];
        for (int i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map.AsSpan(4 + 4 * i));
        replacements = map[(4 + (int)size)..];
    }

    internal override void Apply(NormalizedText text)
    {
        var bytes = text.Text;
        int kept = 0;
        for (int i = 0; i < bytes.Length;)
        {
            int value = LongestKey(bytes[i..], out int length);
            if (value >= 0)
            {
                text.Keep(kept, i);
                var replacement = replacements.AsSpan(Math.Min(value, replacements.Length));
                int end = replacement.IndexOf((byte)0);
                text.Replace(end < 0 ? replacement : replacement[..end], i, i + length);
                kept = i += length;
            }
            else
            {
                Utf8.Read(bytes, i, out length);
                i += length;
            }
        }
        text.Keep(kept, bytes.Length);
        text.Flip();
    }

    // A unit: bit 31 and bits 0-7 the label, bit 8 "has a leaf", bits 10-30 the offset (times 256 where bit 9 is set).
    private int LongestKey(ReadOnlySpan<byte> text, out int length)
    {
        int value = -1;
        length = 0;
        uint node = Offset(units[0]);
        for (int i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            if (node >= units.Length) break;
            uint unit = units[node];
            if ((unit & 0x800000FF) != text[i]) break;
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 0) continue;
            if (node >= units.Length) break;
            (value, length) = ((int)(units[node] & 0x7FFFFFFF), i + 1);
        }
        return value;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1 << 9) >> 6);
}
