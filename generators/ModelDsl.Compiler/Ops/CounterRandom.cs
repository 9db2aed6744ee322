namespace ModelDsl.Compiler.Ops;

/// <summary>
/// Random numbers as a function of a key and a counter: no state, any order, any device. The mixing is SplitMix64
/// (Steele, Lea and Flood, 2014); the normals are Box and Muller's (1958).
/// </summary>
/// <remarks>
/// This text is the definition that every runtime follows. Key: Mix(Mix(Mix(Mix(seed + G) + step) + hash(stream)) + layer), G the
/// golden ratio below, hash 64-bit FNV-1a over the UTF-16 units. Element e draws h = Mix(key + (e + 1) * G); u and v are
/// its upper and lower 32 bits, and the number is sqrt(-2 ln((u + 0.5) / 2^32)) * cos(2 pi v / 2^32).
/// </remarks>
public static class CounterRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    public static ulong Key(ulong seed, long step, string stream, long layer) => unchecked(
        Mix(Mix(Mix(Mix(seed + Golden) + (ulong)step) + Hash(stream)) + (ulong)layer));

    public static double Normal(ulong key, ulong element)
    {
        ulong h = Mix(unchecked(key + (element + 1) * Golden));
        double u = ((h >> 32) + 0.5) / 4294967296.0, v = (h & 0xFFFFFFFF) / 4294967296.0;
        return Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v);
    }

    public static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    public static ulong Hash(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in text) hash = unchecked((hash ^ c) * 0x100000001B3);
        return hash;
    }
}
