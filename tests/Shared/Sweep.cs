using Xunit;

namespace ModelDsl.Tests;

/// <summary>Long tests: <c>./test.sh --full</c> runs them, or MODELDSL_FULL=1 in the environment.</summary>
internal static class Sweep
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("MODELDSL_FULL") == "1";

    /// <summary>Why a test that runs only in a full run is skipped; null in one.</summary>
    public static string? Skip => IsFull ? null : "A long sweep: ./test.sh --full (MODELDSL_FULL=1) runs it.";
}

/// <summary>A test that only a full run includes.</summary>
internal sealed class SweepFactAttribute : FactAttribute
{
    public SweepFactAttribute() => Skip = Sweep.Skip;
}

/// <summary>As <see cref="SweepFactAttribute"/>, with cases.</summary>
internal sealed class SweepTheoryAttribute : TheoryAttribute
{
    public SweepTheoryAttribute() => Skip = Sweep.Skip;
}
