using System.Buffers.Binary;
using System.Text;

namespace ModelDsl.Attacks.Mutation;

/// <summary>Changes bytes of files: a few small changes, or one that makes the file very different.</summary>
/// <param name="seeds">Files that are read without error.</param>
/// <param name="words">Bits of the format, to insert and to repeat.</param>
internal sealed class ByteMutator(IReadOnlyList<byte[]> seeds, IReadOnlyList<byte[]> words)
{
    /// <summary>Files are not made larger.</summary>
    public const int MostBytes = 1 << 20;

    public ByteMutator(IReadOnlyList<byte[]> seeds, params IEnumerable<string> words) : this(seeds, [.. words.Select(Encoding.UTF8.GetBytes)]) { }

    /// <summary>A changed file.</summary>
    public byte[] Next(Random random) => Change(Pick(seeds, random), random);

    public byte[] Change(byte[] content, Random random)
    {
        byte[] bytes = [.. content];
        int changes = 1;
        while (changes < 12 && random.Next(3) > 0)
            changes++;
        for (; changes > 0 && bytes.Length > 0; changes--)
            bytes = Once(bytes, random);
        return bytes.Length > MostBytes ? bytes[..MostBytes] : bytes;
    }

    private byte[] Once(byte[] bytes, Random random)
    {
        int at = random.Next(bytes.Length), length = Length(bytes.Length - at, random);
        switch (random.Next(16))
        {
            case 0 or 1: bytes[at] ^= (byte)(1 << random.Next(8)); return bytes;
            case 2: bytes[at] = (byte)random.Next(256); return bytes;
            case 3 or 4: Number(bytes, at, random); return bytes;
            case 5: return bytes[..at]; // cut
            case 6: return [.. bytes[..at], .. bytes[(at + length)..]];
            case 7: return [.. bytes[..(at + length)], .. bytes[at..]]; // twice
            case 8: random.NextBytes(bytes.AsSpan(at, length)); return bytes;
            case 9: bytes.AsSpan(at, length).Fill((byte)(random.Next(2) * 255)); return bytes;
            case 10 when words.Count > 0: return [.. bytes[..at], .. Pick(words, random), .. bytes[at..]];
            case 11 when words.Count > 0: return [.. bytes[..at], .. Pick(words, random), .. bytes[(at + length)..]];
            case 12: return Repeat(bytes, at, words.Count > 0 && random.Next(2) == 0 ? Pick(words, random) : bytes[at..(at + length)], random);
            case 13:
                byte[] other = Pick(seeds, random);
                return other.Length == 0 ? bytes : [.. bytes[..at], .. other[random.Next(other.Length)..]];
            case 14:
                int place = random.Next(bytes.Length);
                byte[] moved = bytes[at..(at + length)], rest = [.. bytes[..at], .. bytes[(at + length)..]];
                place = Math.Min(place, rest.Length);
                return [.. rest[..place], .. moved, .. rest[place..]];
            default: return Decimal(bytes, at, random);
        }
    }

    /// <summary>Mostly short, now and then up to all of it.</summary>
    private static int Length(int most, Random random) => Math.Min(most, random.Next(4) == 0 ? random.Next(most + 1) : 1 + random.Next(8));

    private static void Number(byte[] bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[8];
        int width = Math.Min(1 << random.Next(4), bytes.Length - at);
        var place = bytes.AsSpan(at, width);
        if (random.Next(3) == 0)
        {
            place.CopyTo(number);
            BinaryPrimitives.WriteInt64LittleEndian(number, BinaryPrimitives.ReadInt64LittleEndian(number) + random.Next(-8, 9));
        }
        else
            BinaryPrimitives.WriteInt64LittleEndian(number, Extremes.Integers[random.Next(Extremes.Integers.Length)]);
        number[..width].CopyTo(place);
    }

    /// <summary>The number, written in decimal, that stands at or behind a place becomes another.</summary>
    private static byte[] Decimal(byte[] bytes, int at, Random random)
    {
        int begin = bytes.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (begin < 0)
            return bytes;
        begin += at;
        int end = begin;
        while (end < bytes.Length && bytes[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        return [.. bytes[..begin], .. Encoding.UTF8.GetBytes(Extremes.Numbers[random.Next(Extremes.Numbers.Length)]), .. bytes[end..]];
    }

    private static byte[] Repeat(byte[] bytes, int at, byte[] part, Random random)
    {
        if (part.Length == 0)
            return bytes;
        int room = Math.Max(0, MostBytes - bytes.Length) / part.Length, times = Math.Min(room, 1 << random.Next(18));
        byte[] repeated = new byte[times * part.Length];
        for (int i = 0; i < times; i++)
            part.CopyTo(repeated, i * part.Length);
        return [.. bytes[..at], .. repeated, .. bytes[at..]];
    }

    public static T Pick<T>(IReadOnlyList<T> items, Random random) => items[random.Next(items.Count)];
}
