using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Standard normal numbers as a function of a key and the element's index: no state, any order. The mixing is SplitMix64
/// (Steele, Lea and Flood, 2014), the normals are Box and Muller's (1958). One row is a block of elements.
/// </summary>
/// <remarks>
/// Key: Mix(Mix(Mix(Mix(seed + G) + step) + hash(stream)) + layer), G = 0x9E3779B97F4A7C15, hash 64-bit FNV-1a over the
/// UTF-16 units. Element e draws h = Mix(key + (e + 1) G); u and v are its upper and lower 32 bits, and the number is
/// sqrt(-2 ln((u + 0.5) / 2^32)) cos(2 pi v / 2^32), computed in double.
/// </remarks>
public unsafe struct RandomNormals : ISizedRowKernel
{
    private const int BlockElements = 1024;
    private const ulong Golden = 0x9E3779B97F4A7C15;

    public float* Destination;
    public long Count;
    public ulong Key;

    /// <summary>The number of rows to launch.</summary>
    public readonly int Rows => (int)((Count + BlockElements - 1) / BlockElements);

    /// <param name="stream"><see cref="Philox.Stream"/> of the stream's name.</param>
    public static ulong KeyOf(ulong seed, long step, ulong stream, int layer) =>
        Mix(Mix(Mix(Mix(seed + Golden) + (ulong)step) + stream) + (ulong)layer);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        long last = Math.Min(Count, (long)end * BlockElements);
        for (long e = (long)begin * BlockElements; e < last; e++)
        {
            ulong h = Mix(Key + (ulong)(e + 1) * Golden);
            double u = ((h >> 32) + 0.5) / 4294967296.0, v = (h & 0xFFFFFFFF) / 4294967296.0;
            Destination[e] = (float)(Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v));
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
