using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Program;

/// <summary>A step reads or writes a view.</summary>
/// <param name="Accumulation">How a write takes the value.</param>
internal sealed record Access(View View, bool Write, Accumulation Accumulation = Accumulation.Overwrite)
{
    /// <summary>What a step itself does to memory, in order; of a loop nothing.</summary>
    public static IEnumerable<Access> Of(Step step) => step switch
    {
        LaunchStep launch => Of(launch.Kernel),
        MatMulStep product => new[] { new Access(product.A.View, false), new Access(product.B.View, false), new Access(product.C.View, true, product.Accumulation) }
            .Concat(product.Epilogue is null ? [] : Of(product.Epilogue)),
        CallStep call => call.Inputs.OfType<ViewInput>().Select(i => new Access(i.View, false))
            .Concat(call.Results.Select((view, i) => new Access(view, true, i == 0 ? call.Accumulation : Accumulation.Overwrite)))
            .Concat(call.State.SelectMany(view => new[] { new Access(view, false), new Access(view, true) }))
            .Concat(call.Scratch.Select(view => new Access(view, true))),
        _ => [],
    };

    private static IEnumerable<Access> Of(KernelCall call)
    {
        var reads = Reads(call.Kernel);
        for (int i = 0; i < call.Kernel.Operands.Count && i < call.Views.Count; i++)
            if (reads.Contains(i)) yield return new Access(call.Views[i], false);
        for (int i = 0; i < call.Kernel.Operands.Count && i < call.Views.Count; i++)
            if (call.Kernel.Operands[i].Written)
                yield return new Access(call.Views[i], true, call.Kernel.Statements.Any(s => s is Store { Accumulate: true } store && store.Operand == i) ? call.Accumulation : Accumulation.Overwrite);
    }

    /// <summary>The operands that a kernel loads before it stores to them.</summary>
    private static HashSet<int> Reads(Kernel kernel)
    {
        var (read, written) = (new HashSet<int>(), new HashSet<int>());
        foreach (var statement in kernel.Statements)
            if (statement is Let { Value: Load load } && !written.Contains(load.Operand)) read.Add(load.Operand);
            else if (statement is Store store) written.Add(store.Operand);
        return read;
    }
}
