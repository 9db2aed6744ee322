using System.Collections.Generic;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// A step with its number, by which lifetimes count: steps are numbered in order, those of a loop's body before the loop
/// itself, whose number is that of its end.
/// </summary>
/// <param name="First">Of a loop, the number of its body's first step; otherwise the step's own.</param>
/// <param name="Last">The step's own number.</param>
/// <param name="Body">Of a loop; empty otherwise.</param>
internal sealed record TimedStep(Step Step, int First, int Last, IReadOnlyList<TimedStep> Body)
{
    public static IReadOnlyList<TimedStep> Number(IEnumerable<Step> steps)
    {
        int clock = 0;
        return Number(steps, ref clock);
    }

    /// <summary>Whether a buffer's memory is its own in each run of this loop's body alone, rather than as long as the loop.</summary>
    public bool Holds(Lifetime lifetime) => lifetime.First >= First && lifetime.Last < Last;

    private static IReadOnlyList<TimedStep> Number(IEnumerable<Step> steps, ref int clock)
    {
        var timed = new List<TimedStep>();
        foreach (var step in steps)
        {
            int first = clock;
            IReadOnlyList<TimedStep> body = step is LoopStep loop ? Number(loop.Body, ref clock) : [];
            timed.Add(new TimedStep(step, first, clock++, body));
        }
        return timed;
    }
}
