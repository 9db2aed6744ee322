namespace ModelDsl.Attacks.Running;

/// <summary>The random numbers of a case, which depend on the run's seed, the attack's name and the case's number.</summary>
internal static class CaseSeed
{
    public static Random Random(ulong seed, string attack, long number)
    {
        ulong state = seed;
        foreach (char letter in attack)
            state = Mix(state ^ letter);
        return new((int)(Mix(state ^ (ulong)number) >> 33));
    }

    /// <summary>SplitMix64's finaliser.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
