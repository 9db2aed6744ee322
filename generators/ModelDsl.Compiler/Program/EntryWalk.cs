using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Program;

/// <summary>What an entry is made of, loops included.</summary>
public static class EntryWalk
{
    /// <summary>Every step in order of execution of a first iteration; a loop comes before its body.</summary>
    public static IEnumerable<Step> All(this IEnumerable<Step> steps) =>
        steps.SelectMany(s => s is LoopStep loop ? loop.Body.All().Prepend(loop) : [s]);

    /// <summary>The buffers by first use; then scratch and states that no step uses.</summary>
    public static IEnumerable<TensorBuffer> Buffers(this Entry entry) =>
        entry.Steps.All().SelectMany(s => s.Views).Concat(entry.Results.Select(r => r.View)).Select(v => v.Buffer)
            .Concat(entry.Scratch.Select(l => l.Buffer)).Concat(entry.States.Select(s => s.Buffer)).Distinct();

    /// <summary>The kernels by first use.</summary>
    public static IEnumerable<Kernel> Kernels(this Entry entry) => entry.Steps.KernelCalls().Select(c => c.Kernel).Distinct();

    public static IEnumerable<KernelCall> KernelCalls(this IEnumerable<Step> steps) => steps.All().SelectMany(s => s switch
    {
        LaunchStep launch => [launch.Kernel],
        MatMulStep { Epilogue: { } epilogue } => [epilogue],
        _ => Enumerable.Empty<KernelCall>(),
    });
}
