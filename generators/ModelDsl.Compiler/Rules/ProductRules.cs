using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>Matrix products.</summary>
internal static class ProductRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // a product reads an operand in either order
        new("matmul(transpose a, b) -> matmul {transposeA} (a, b)", x => x.Is<MatMul>() && SwapsLast(x.Input(0)) ? Flip(x, 0) : null),
        new("matmul(a, transpose b) -> matmul {transposeB} (a, b)", x => x.Is<MatMul>() && SwapsLast(x.Input(1)) ? Flip(x, 1) : null),
    ];

    private static bool SwapsLast(Value x) => x.Is<Transpose>() && x.Rank >= 2
        && x.Node.Attributes.Integers("permutation").SequenceEqual([.. Enumerable.Range(0, x.Rank - 2), x.Rank - 1, x.Rank - 2]);

    private static Value Flip(Value x, int operand)
    {
        string flag = operand == 0 ? "transposeA" : "transposeB";
        Value a = x.Input(0), b = x.Input(1);
        return (operand == 0 ? a.Input(0) : a).Apply<MatMul>(x.Node.Attributes.With(flag, !x.Node.Attributes.Get<bool>(flag)), operand == 1 ? b.Input(0) : b);
    }
}
