using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// When each block of scratch is in use, counted in instructions. What only one pass through a loop needs lives inside it;
/// what crosses the loop's border, or passes from layer to layer, lives as long as the loop at least. Blocks whose lives do
/// not meet may share memory; the runtime places them when batch and length are known.
/// </summary>
public static class PlanMemory
{
    public static IReadOnlyList<Lifetime> Lifetimes(IReadOnlyList<Instruction> instructions, IReadOnlyList<Storage> storage)
    {
        var uses = new Dictionary<Storage, List<Use>>();
        int clock = 0;
        Walk(instructions, [], uses, ref clock);
        return storage.Where(uses.ContainsKey).Select(s => Lifetime(s, uses[s])).ToArray();
    }

    private static Lifetime Lifetime(Storage storage, List<Use> uses)
    {
        int shared = uses.Min(u => u.Loops.Length);
        for (int depth = 0; depth < shared; depth++)
            if (uses.Any(u => u.Loops[depth] != uses[0].Loops[depth])) shared = depth;
        // Beyond the loops that all uses share, a use inside a loop is a use of the whole loop.
        return new Lifetime(storage,
            uses.Min(u => u.Loops.Length > shared ? u.Loops[shared].First : u.Time),
            uses.Max(u => u.Loops.Length > shared ? u.Loops[shared].Last : u.Time));
    }

    private static void Walk(IReadOnlyList<Instruction> instructions, Loop[] loops, Dictionary<Storage, List<Use>> uses, ref int clock)
    {
        foreach (var instruction in instructions)
        {
            if (instruction is LoopInstruction loop)
            {
                var around = new Loop { First = clock };
                Walk(loop.Body, [.. loops, around], uses, ref clock);
                around.Last = clock++;
                continue;
            }
            foreach (var view in Views(instruction))
            {
                if (!uses.TryGetValue(view.Storage, out var list)) uses.Add(view.Storage, list = []);
                list.Add(new Use(clock, loops));
            }
            clock++;
        }
    }

    /// <summary>The memory that an instruction touches.</summary>
    public static IEnumerable<View> Views(Instruction instruction) => instruction switch
    {
        LaunchInstruction launch => Views(launch.Kernel),
        MatMulInstruction product => new[] { product.A.View, product.B.View, product.C.View }.Concat(product.Epilogue is null ? [] : Views(product.Epilogue)),
        DeviceInstruction device => device.Arguments.SelectMany(Views),
        LoopInstruction loop => loop.Body.SelectMany(Views),
        _ => throw new InvalidOperationException(instruction.ToString()),
    };

    private static IEnumerable<View> Views(KernelInstance kernel) => kernel.Fields.Select(f => f.Value).OfType<PointerField>().Select(p => p.View);

    private sealed class Loop
    {
        public int First, Last;
    }

    private sealed record Use(int Time, Loop[] Loops);
}

/// <param name="First">The number of the first instruction that touches it, <paramref name="Last"/> of the last.</param>
public sealed record Lifetime(Storage Storage, int First, int Last);
