namespace ModelDsl.Runtime.Tests;

/// <summary>Counts managed bytes that a step allocates, on any thread.</summary>
internal static class Allocation
{
    /// <summary>The least of several rounds, since other tests allocate meanwhile; the first call does not count.</summary>
    public static long LeastOf(Action step)
    {
        step();
        long least = long.MaxValue;
        for (int round = 0; round < 50 && least != 0; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            step();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return least;
    }
}
