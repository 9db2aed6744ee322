using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// Several launches may contribute to one gradient: the first in the list overwrites it in the first micro-step, every
/// later one adds. Within one launch list each contribution covers the whole gradient, a loop's all layers together.
/// </summary>
internal static class GradientOrder
{
    public static IReadOnlyList<Step> Apply(IEnumerable<Step> steps) => Apply(steps, []);

    private static IReadOnlyList<Step> Apply(IEnumerable<Step> steps, HashSet<TensorBuffer> written) => steps.Select(s => Apply(s, written)).ToArray();

    private static Step Apply(Step step, HashSet<TensorBuffer> written)
    {
        switch (step)
        {
            case LoopStep loop: return loop with { Body = Apply(loop.Body, written).ToEquatableArray() };
            case MatMulStep product when product.C.View.Buffer.Space == Space.Gradient:
                return written.Add(product.C.View.Buffer) ? product : product with { Accumulation = Accumulation.Always };
            case CallStep { Accumulation: Accumulation.FromSecondMicroStep } call:
                return written.Add(call.Results[0].Buffer) ? call : call with { Accumulation = Accumulation.Always };
            case LaunchStep { Kernel.Accumulation: Accumulation.FromSecondMicroStep } launch:
                // One flag for all that the kernel stores: lowering gives it several gradients only where each is written here alone.
                var gradients = launch.Views.Select(v => v.Buffer).Where(b => b.Space == Space.Gradient).Distinct().ToArray();
                bool later = gradients.All(written.Contains);
                foreach (var gradient in gradients) written.Add(gradient);
                return later ? launch with { Kernel = launch.Kernel with { Accumulation = Accumulation.Always } } : launch;
            default: return step;
        }
    }
}
