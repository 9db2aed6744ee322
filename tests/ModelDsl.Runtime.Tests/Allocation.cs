namespace ModelDsl.Runtime.Tests;

/// <summary>Counts managed bytes that a step allocates, on any thread.</summary>
internal static class Allocation
{
    /// <summary>The collection of tests that run when no other does.</summary>
    public const string Alone = "alone";

    /// <summary>The least of several rounds, since the test host allocates meanwhile; the first call does not count.</summary>
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

[CollectionDefinition(Allocation.Alone, DisableParallelization = true)]
public sealed class AloneCollection;
