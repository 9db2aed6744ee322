using System.Runtime.InteropServices;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Generates many normally distributed elements quickly: power, and so the clock, depends on the bits that flip.</summary>
public sealed class RandomElements(int seed)
{
    private const int Table = 1 << 16;

    private ulong _state = (ulong)(uint)seed * 2 + 1;

    /// <summary>Fills device memory.</summary>
    public void Fill(GpuStream stream, GpuPointer destination, long count, TensorType type, double deviation = 1)
    {
        byte[] table = MakeTable(type, deviation);
        int size = type.Bits() / 8, chunk = (int)Math.Min(count, 1 << 24);
        var elements = new byte[chunk * size];
        for (long done = 0; done < count; done += chunk)
        {
            int now = (int)Math.Min(chunk, count - done);
            Draw(table, elements.AsSpan(0, now * size), size);
            stream.Upload<byte>(destination + done * size, elements.AsSpan(0, now * size));
        }
    }

    private static byte[] MakeTable(TensorType type, double deviation)
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, Table).Select(_ =>
            deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
        return Elements.Encode(values, type);
    }

    private void Draw(byte[] table, Span<byte> destination, int size)
    {
        switch (size)
        {
            case 1: Draw(table, destination); break;
            case 2: Draw(MemoryMarshal.Cast<byte, ushort>(table), MemoryMarshal.Cast<byte, ushort>(destination)); break;
            default: Draw(MemoryMarshal.Cast<byte, uint>(table), MemoryMarshal.Cast<byte, uint>(destination)); break;
        }
    }

    // xorshift64* (Vigna, 2016); its high bits choose from the table.
    private void Draw<T>(ReadOnlySpan<T> table, Span<T> destination)
    {
        ulong state = _state;
        for (int i = 0; i < destination.Length; i++)
        {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            destination[i] = table[(int)(state * 0x2545F4914F6CDD1D >> 48)];
        }
        _state = state;
    }
}
