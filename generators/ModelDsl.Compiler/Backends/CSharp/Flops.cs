using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>The operations of a launch list as C#: matrix products and attention, a multiply-add as two, nothing computed again counted twice.</summary>
internal static class Flops
{
    public static string Text(IReadOnlyList<Instruction> instructions)
    {
        var terms = Terms(instructions, "").ToArray();
        return terms.Length == 0 ? "0" : string.Join(" + ", terms);
    }

    private static IEnumerable<string> Terms(IEnumerable<Instruction> instructions, string repeated)
    {
        foreach (var instruction in instructions)
            switch (instruction)
            {
                case LoopInstruction loop:
                    foreach (string term in Terms(loop.Body, $"{repeated}{Factor(loop.Count)} * ")) yield return term;
                    break;
                case MatMulInstruction product:
                    yield return $"2.0 * {repeated}{(product.Batch.IsOne ? "" : Factor(product.Batch) + " * ")}{Factor(product.M)} * {Factor(product.N)} * {Factor(product.K)}";
                    break;
                case DeviceInstruction { Method: "Attention" or "AttentionBackward" } attention:
                    // Scores and values forward, the gradients of both operands of both backward; the scores computed again do not count.
                    yield return $"{(attention.Method == "Attention" ? "2" : "4")} * AttentionArguments.ProductFlops({string.Join(", ", new[] { "Batch", "Heads", "QueryLength", "KeyLength", "HeadSize" }.Select(f => Size(attention, f)))})"
                        + (repeated.Length == 0 ? "" : " * " + repeated.Substring(0, repeated.Length - 3));
                    break;
            }
    }

    private static string Size(DeviceInstruction attention, string field) => Sizes.Int(((SizeField)attention.Arguments[0].Fields.First(f => f.Name == field).Value).Value);

    private static string Factor(Polynomial size) => Sizes.Nested(Sizes.Int(size));
}
