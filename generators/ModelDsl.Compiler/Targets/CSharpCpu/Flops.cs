using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// The operations of an entry: matrix products and attention, a multiply-add as two, nothing that is computed again counted
/// twice.
/// </summary>
internal static class Flops
{
    public static void Print(CodeWriter code, Entry entry, Identifiers identifiers)
    {
        code.Block("public override double StepFlops(int batch, int length)", () =>
        {
            var expressions = new Expressions(identifiers, identifiers.NewLocals());
            // Equal products of a layer are one line.
            var terms = Terms(entry.Steps, Polynomial.One).GroupBy(t => t).Select(g => Text(expressions, g.Key, g.Count())).ToArray();
            code.Line("Prepare(batch, length);");
            foreach (string declaration in expressions.Declarations) code.Line(declaration);
            code.Line("double flops = 0;");
            foreach (string term in terms) code.Line($"flops += {term};");
            code.Line("return flops;");
        });
    }

    private static string Text(Expressions expressions, Polynomial term, int count) =>
        $"{2 * count}.0 * {string.Join(" * ", expressions.Int(term).Split([" * "], System.StringSplitOptions.None))}";

    private static IEnumerable<Polynomial> Terms(IEnumerable<Step> steps, Polynomial repeated)
    {
        foreach (var step in steps)
            switch (step)
            {
                case LoopStep loop:
                    foreach (var term in Terms(loop.Body, repeated * loop.Count)) yield return term;
                    break;
                case MatMulStep product: yield return repeated * product.Batch * product.M * product.N * product.K; break;
                // Scores and values forward, the gradients of both operands of both backward; the scores computed again do not count.
                case CallStep { Node.Operation: Attention or AttentionGradient } call:
                    Shape q = call.Node.Inputs[0].Shape, k = call.Node.Inputs[1].Shape;
                    for (int i = 0; i < (call.Node.Is<Attention>() ? 2 : 4); i++) yield return repeated * q.Count * k[1];
                    break;
            }
    }
}
