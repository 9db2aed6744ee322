namespace ModelDsl.Runtime;

/// <summary>
/// Places blocks of scratch so that blocks in use at the same time do not overlap: largest first, each at the lowest place
/// that is free for the whole of its life.
/// </summary>
public sealed class MemoryPlan
{
    private const int Alignment = 256; // bytes: four vectors, so that blocks begin on cache lines of their own

    private readonly long[] _offsets;

    /// <param name="blocks">Bytes, and the first and last step that touches them.</param>
    public MemoryPlan(params ReadOnlySpan<Block> blocks)
    {
        _offsets = new long[blocks.Length];
        var all = blocks.ToArray();
        var placed = new List<int>();
        foreach (int next in Enumerable.Range(0, all.Length).OrderByDescending(i => all[i].Bytes).ThenBy(i => i))
        {
            long offset = 0;
            foreach (int other in placed.Where(p => all[p].First <= all[next].Last && all[next].First <= all[p].Last).OrderBy(p => _offsets[p]))
                if (_offsets[other] < offset + Room(all[next])) offset = Math.Max(offset, _offsets[other] + Room(all[other]));
            _offsets[next] = offset;
            placed.Add(next);
            Bytes = Math.Max(Bytes, offset + Room(all[next]));
        }
    }

    /// <summary>What the whole plan takes.</summary>
    public long Bytes { get; }

    /// <summary>Where a block begins, in bytes.</summary>
    public long this[int block] => _offsets[block];

    private static long Room(Block block) => (block.Bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>One block and its life.</summary>
    public readonly record struct Block(long Bytes, int First, int Last);
}
