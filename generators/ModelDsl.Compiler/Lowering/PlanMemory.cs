using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// When each block of scratch is in use, counted in steps. What only one pass through a loop needs lives inside it;
/// what crosses the loop's border, or passes from layer to layer, lives as long as the loop at least. Blocks whose lives do
/// not meet may share memory; the runtime places them when batch and length are known.
/// </summary>
public static class PlanMemory
{
    public static IReadOnlyList<Lifetime> Lifetimes(IEnumerable<Step> steps, IReadOnlyList<TensorBuffer> scratch)
    {
        var uses = new Dictionary<TensorBuffer, List<Use>>();
        int clock = 0;
        Walk(steps, [], uses, ref clock);
        return scratch.Where(uses.ContainsKey).Select(s => Lifetime(s, uses[s])).ToArray();
    }

    private static Lifetime Lifetime(TensorBuffer buffer, List<Use> uses)
    {
        int shared = uses.Min(u => u.Loops.Length);
        for (int depth = 0; depth < shared; depth++)
            if (uses.Any(u => u.Loops[depth] != uses[0].Loops[depth])) shared = depth;
        // Beyond the loops that all uses share, a use inside a loop is a use of the whole loop.
        return new Lifetime(buffer,
            uses.Min(u => u.Loops.Length > shared ? u.Loops[shared].First : u.Time),
            uses.Max(u => u.Loops.Length > shared ? u.Loops[shared].Last : u.Time));
    }

    private static void Walk(IEnumerable<Step> steps, Loop[] loops, Dictionary<TensorBuffer, List<Use>> uses, ref int clock)
    {
        foreach (var step in steps)
        {
            if (step is LoopStep loop)
            {
                var around = new Loop { First = clock };
                Walk(loop.Body, [.. loops, around], uses, ref clock);
                around.Last = clock++;
                continue;
            }
            foreach (var buffer in step.Views.Select(v => v.Buffer.Memory))
            {
                if (!uses.TryGetValue(buffer, out var list)) uses.Add(buffer, list = []);
                list.Add(new Use(clock, loops));
            }
            clock++;
        }
    }

    private sealed class Loop
    {
        public int First, Last;
    }

    private sealed record Use(int Time, Loop[] Loops);
}
