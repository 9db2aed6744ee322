namespace ModelDsl.Tokenizers.Text;

/// <summary>Tokens as paths of bytes, for finding every token that begins at a place.</summary>
internal sealed class ByteTrie
{
    internal const int Root = 0;

    // Edges by open addressing: (node + 1) << 8 | byte -> node; 0 is free.
    private long[] keys = new long[1024];
    private int[] targets = new int[1024];
    private readonly List<int> values = [-1];
    private int edges;

    internal void Add(ReadOnlySpan<byte> token, int value)
    {
        int node = Root;
        foreach (byte b in token)
        {
            int next = Next(node, b);
            if (next < 0)
            {
                next = values.Count;
                values.Add(-1);
                if (2 * ++edges > keys.Length) Grow();
                Insert((node + 1L) << 8 | b, next);
            }
            node = next;
        }
        if (values[node] < 0) values[node] = value;
    }

    /// <summary>The node behind a byte, or -1.</summary>
    internal int Next(int node, byte b)
    {
        long key = (node + 1L) << 8 | b;
        for (uint at = Hash(key); ; at++)
        {
            at &= (uint)(keys.Length - 1);
            if (keys[at] == key) return targets[at];
            if (keys[at] == 0) return -1;
        }
    }

    /// <summary>The value of the token that ends here, or -1.</summary>
    internal int Value(int node) => values[node];

    private void Grow()
    {
        var (oldKeys, oldTargets) = (keys, targets);
        (keys, targets) = (new long[2 * oldKeys.Length], new int[2 * oldKeys.Length]);
        for (int i = 0; i < oldKeys.Length; i++)
            if (oldKeys[i] != 0) Insert(oldKeys[i], oldTargets[i]);
    }

    private void Insert(long key, int target)
    {
        uint at = Hash(key) & (uint)(keys.Length - 1);
        while (keys[at] != 0) at = (at + 1) & (uint)(keys.Length - 1);
        (keys[at], targets[at]) = (key, target);
    }

    private static uint Hash(long key)
    {
        ulong product = (ulong)key * 0x9E3779B97F4A7C15;
        return (uint)(product >> 32) ^ (uint)(product >> 12);
    }
}
