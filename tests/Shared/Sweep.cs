namespace ModelDsl.Tests;

/// <summary>How far sweeps go: over everything in a full run (<c>./test.sh --full</c>, or MODELDSL_FULL=1 in the environment), else over a part.</summary>
internal static class Sweep
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("MODELDSL_FULL") == "1";
}
