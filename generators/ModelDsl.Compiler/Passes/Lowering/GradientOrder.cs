using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>
/// Several launches may contribute to one gradient: the first in the list overwrites it in the first micro-step, every
/// later one adds. Within one launch list each contribution covers the whole gradient, a loop's all layers together.
/// </summary>
internal static class GradientOrder
{
    public static IReadOnlyList<Instruction> Apply(IReadOnlyList<Instruction> instructions) => Apply(instructions, []);

    private static IReadOnlyList<Instruction> Apply(IReadOnlyList<Instruction> instructions, HashSet<Storage> written) =>
        instructions.Select(i => Apply(i, written)).ToArray();

    private static Instruction Apply(Instruction instruction, HashSet<Storage> written)
    {
        switch (instruction)
        {
            case LoopInstruction loop: return loop with { Body = Apply(loop.Body, written) };
            case MatMulInstruction product when product.C.View.Storage.Kind == StorageKind.Gradient:
                return written.Add(product.C.View.Storage) ? product : product with { Accumulation = Accumulation.Always };
            case LaunchInstruction launch:
                var gradients = launch.Kernel.Fields.Select(f => f.Value).OfType<PointerField>()
                    .Select(p => p.View.Storage).Where(s => s.Kind == StorageKind.Gradient).Distinct().ToArray();
                // A kernel that zeroes a table first is followed by the one that adds to it: the pair counts as one.
                if (gradients.Length == 0 || !launch.Kernel.Fields.Any(f => f.Value is AccumulateField)) return launch;
                return gradients.All(written.Contains) ? launch with { Kernel = Always(launch.Kernel) } : Mark(launch, gradients, written);
            default: return instruction;
        }
    }

    private static Instruction Mark(LaunchInstruction launch, IEnumerable<Storage> gradients, HashSet<Storage> written)
    {
        foreach (var gradient in gradients) written.Add(gradient);
        return launch;
    }

    private static KernelInstance Always(KernelInstance kernel) => kernel with
    {
        Fields = kernel.Fields.Select(f => f.Value is AccumulateField ? f with { Value = new AccumulateField(Accumulation.Always) } : f).ToEquatableArray(),
    };
}
