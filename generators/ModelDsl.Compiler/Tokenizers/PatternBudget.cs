// What compiling split patterns may use: they come with vocabulary files, and a short one can ask for any amount of work.
namespace ModelDsl.Compiler.Tokenizers;

/// <summary>Bounds the nesting, the states and the work of compiling patterns. The work of several patterns may share one budget.</summary>
internal sealed class PatternBudget(
    int length = PatternBudget.DefaultLength, int depth = PatternBudget.DefaultDepth, int states = PatternBudget.DefaultStates, long steps = PatternBudget.DefaultSteps)
{
    internal const int DefaultLength = 1 << 14, DefaultDepth = 100, DefaultStates = 4000;
    internal const long DefaultSteps = 1 << 22;

    private long taken;
    private int nested;

    internal void CheckLength(string pattern)
    {
        if (pattern.Length > length) throw new PatternException(length, $"the pattern has {pattern.Length} characters; at most {length} are supported");
    }

    /// <summary>Enters a group or a class; <see cref="Leave"/> leaves it.</summary>
    internal void Enter(int column)
    {
        if (++nested > depth) throw new PatternException(column, $"groups and classes nest more than {depth} deep");
    }

    internal void Leave() => nested--;

    internal void CheckStates(int count, int column)
    {
        if (count > states) throw new PatternException(column, $"the pattern is too large: it needs more than {states} states (repeat counts multiply)");
    }

    internal void Step(long count, int column)
    {
        taken += count;
        if (taken > steps) throw new PatternException(column, $"the pattern is too large: compiling it takes more than {steps} steps (repeat counts multiply)");
    }
}
