using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace ModelDsl.Runtime;

/// <summary>
/// A 64-bit checksum against accidents, not against forgers: some tens of GB/s, so that it costs little beside reading.
/// A change of four bytes or fewer at one aligned place is always found, any other with probability 1 - 2^-32 or better.
/// </summary>
/// <remarks>
/// Data are cut into chunks of <see cref="ChunkBytes"/>, a chunk into stripes of 64 words of 32 bits, the last one padded
/// with zeros. Lane i of a chunk begins at 0x85EBCA6B + i and goes through word i of every stripe: a = (a ^ word) * 0x9E3779B1, a ^= a >> 15. The length
/// of a chunk and its lanes, two at a time, are folded into one number, h = (h ^ x) * 0x9E3779B97F4A7C15, h ^= h >> 32,
/// and so are the chunks. Each of these steps is a bijection of what it takes in.
/// </remarks>
internal struct Checksum
{
    /// <summary>A multiple of every element's size, and small enough to stay in cache between reading and summing.</summary>
    public const int ChunkBytes = 1 << 18;

    private const int Vectors = 8, StripeBytes = Vectors * 32;

    public ulong Value { get; private set; }

    /// <summary>Adds what follows; all but the last call take <see cref="ChunkBytes"/>.</summary>
    public void Add(ReadOnlySpan<byte> chunk) => Value = Fold(Value, OfChunk(chunk));

    /// <summary>Adds a text as a chunk of its own.</summary>
    public void Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds another checksum.</summary>
    public void Add(ulong sum) => Value = Fold(Value, sum);

    /// <summary>The checksum of data that are in memory.</summary>
    public static ulong Of(ReadOnlySpan<byte> data)
    {
        var sum = new Checksum();
        for (; data.Length > ChunkBytes; data = data[ChunkBytes..])
            sum.Add(data[..ChunkBytes]);
        sum.Add(data);
        return sum.Value;
    }

    private static ulong OfChunk(ReadOnlySpan<byte> chunk)
    {
        Span<Vector256<uint>> lanes = stackalloc Vector256<uint>[Vectors];
        for (int i = 0; i < Vectors; i++)
            lanes[i] = Vector256.Create(0x85EBCA6Bu) + Vector256<uint>.Indices + Vector256.Create((uint)i << 3);
        int whole = chunk.Length / StripeBytes * StripeBytes;
        AddStripes(lanes, MemoryMarshal.Cast<byte, Vector256<uint>>(chunk[..whole]));
        if (whole < chunk.Length)
        {
            Span<byte> rest = stackalloc byte[StripeBytes];
            rest.Clear();
            chunk[whole..].CopyTo(rest);
            AddStripes(lanes, MemoryMarshal.Cast<byte, Vector256<uint>>(rest));
        }
        ulong sum = Fold(0, (ulong)chunk.Length);
        foreach (ulong pair in MemoryMarshal.Cast<Vector256<uint>, ulong>(lanes))
            sum = Fold(sum, pair);
        return sum;
    }

    private static void AddStripes(Span<Vector256<uint>> lanes, ReadOnlySpan<Vector256<uint>> stripes)
    {
        var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3]);
        var (e, f, g, h) = (lanes[4], lanes[5], lanes[6], lanes[7]);
        for (; stripes.Length >= Vectors; stripes = stripes[Vectors..])
        {
            a = Mix(a, stripes[0]);
            b = Mix(b, stripes[1]);
            c = Mix(c, stripes[2]);
            d = Mix(d, stripes[3]);
            e = Mix(e, stripes[4]);
            f = Mix(f, stripes[5]);
            g = Mix(g, stripes[6]);
            h = Mix(h, stripes[7]);
        }
        (lanes[0], lanes[1], lanes[2], lanes[3]) = (a, b, c, d);
        (lanes[4], lanes[5], lanes[6], lanes[7]) = (e, f, g, h);
    }

    private static Vector256<uint> Mix(Vector256<uint> lane, Vector256<uint> words)
    {
        lane = (lane ^ words) * Vector256.Create(0x9E3779B1u);
        return lane ^ (lane >>> 15);
    }

    private static ulong Fold(ulong sum, ulong next)
    {
        sum = (sum ^ next) * 0x9E3779B97F4A7C15;
        return sum ^ (sum >> 32);
    }
}
