using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>
/// Numbers. A product with 0 stays: it is not 0 where the other factor is infinite or NaN. Constants stand on the right.
/// </summary>
internal static class ArithmeticRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // constants to the right, where every other rule looks for them
        new("c + x -> x + c", x => (x.Is<Add>() || x.Is<Mul>()) && IsNumber(x.Input(0)) && !IsNumber(x.Input(1))
            ? x.Input(1).Apply(x.Node.Operation, x.Input(0)) : null),

        // nothing added, nothing taken
        new("x + 0 -> x", x => (x.Is<Add>() || x.Is<Sub>()) && x.Input(1).IsConstantOf(0) ? x.Input(0).Fit(x) : null),
        new("0 - x -> -x", x => x.Is<Sub>() && x.Input(0).IsConstantOf(0) ? (-x.Input(1)).Fit(x) : null),

        // factors of one and minus one
        new("x * 1 -> x", x => (x.Is<Mul>() || x.Is<Div>()) && x.Input(1).IsConstantOf(1) ? x.Input(0).Fit(x) : null),
        new("x * -1 -> -x", x => (x.Is<Mul>() || x.Is<Div>()) && x.Input(1).IsConstantOf(-1) ? (-x.Input(0)).Fit(x) : null),
        new("1 / x -> reciprocal x", x => x.Is<Div>() && x.DType == DType.F32 && x.Input(0).IsConstantOf(1) ? x.Input(1).Reciprocal().Fit(x) : null),

        // signs move outwards and cancel
        new("-(-x) -> x", x => x.Is<Neg>() && x.Input(0).Is<Neg>() ? x.Input(0).Input(0) : null),
        new("-(a - b) -> b - a", x => x.Is<Neg>() && x.Input(0).Is<Sub>() ? x.Input(0).Input(1) - x.Input(0).Input(0) : null),
        new("-(x * c) -> x * -c", x => x.Is<Neg>() && x.Input(0).Is<Mul>() && x.Input(0).Input(1).IsConstant(out double c) ? (x.Input(0).Input(0) * -c).Fit(x) : null),
        new("a + -b -> a - b", x => x.Is<Add>() && x.Input(1).Is<Neg>() ? x.Input(0) - x.Input(1).Input(0) : null),
        new("-a + b -> b - a", x => x.Is<Add>() && x.Input(0).Is<Neg>() ? x.Input(1) - x.Input(0).Input(0) : null),
        new("a - -b -> a + b", x => x.Is<Sub>() && x.Input(1).Is<Neg>() ? x.Input(0) + x.Input(1).Input(0) : null),
        new("a * -b -> -(a * b)", x => x.Is<Mul>() && x.Input(1).Is<Neg>() ? -(x.Input(0) * x.Input(1).Input(0)) : null),
        new("-a * c -> a * -c", x => x.Is<Mul>() && x.Input(0).Is<Neg>() && x.Input(1).IsConstant(out double c) ? (x.Input(0).Input(0) * -c).Fit(x) : null),
        new("-a * b -> -(a * b)", x => x.Is<Mul>() && x.Input(0).Is<Neg>() ? -(x.Input(0).Input(0) * x.Input(1)) : null),

        // two constant factors or terms are one
        new("x * c * d -> x * (c d)", x => x.Is<Mul>() && x.Input(1).IsConstant(out double d) && x.Input(0).Is<Mul>() && x.Input(0).Input(1).IsConstant(out double c)
            ? (x.Input(0).Input(0) * (c * d)).Fit(x) : null),
        new("x + c + d -> x + (c + d)", x => x.Is<Add>() && x.Input(1).IsConstant(out double d) && x.Input(0).Is<Add>() && x.Input(0).Input(1).IsConstant(out double c)
            ? (x.Input(0).Input(0) + (c + d)).Fit(x) : null),

        // twice the same
        new("x + x -> x * 2", x => x.Is<Add>() && Same(x.Input(0), x.Input(1)) ? x.Input(0) * 2 : null),
        new("a + x + x -> a + x * 2", x => x.Is<Add>() && x.Input(0).Is<Add>() && Same(x.Input(0).Input(1), x.Input(1)) ? x.Input(0).Input(0) + x.Input(1) * 2 : null),

        // a constant factor goes where there are fewer elements: to a row's statistic, a weight
        new("(x * y) * c -> x * (y * c)", x =>
        {
            if (!x.Is<Mul>() || !IsNumber(x.Input(1)) || !x.Input(0).Is<Mul>()) return null;
            Value a = x.Input(0).Input(0), b = x.Input(0).Input(1), c = x.Input(1);
            if (!x.Shape.Equals(x.Input(0).Shape) || a.Shape.Equals(b.Shape)) return null;
            return a.Shape.Equals(x.Shape) ? a * (b * c.Unbroadcast()) : b.Shape.Equals(x.Shape) ? a * c.Unbroadcast() * b : null;
        }),

        // powers that are cheaper by another name
        new("x ^ 1 -> x", x => x.Is<Pow>() && x.Input(1).IsConstantOf(1) ? x.Input(0).Fit(x) : null),
        new("x ^ 2 -> x * x", x => x.Is<Pow>() && x.Input(1).IsConstantOf(2) ? (x.Input(0) * x.Input(0)).Fit(x) : null),
        new("x ^ 3 -> x * x * x", x => x.Is<Pow>() && x.Input(1).IsConstantOf(3) ? (x.Input(0) * x.Input(0) * x.Input(0)).Fit(x) : null),
        new("x ^ 0 -> 1", x => x.Is<Pow>() && x.Input(1).IsConstantOf(0) ? x.Fill(1) : null),
        new("x ^ 0.5 -> sqrt x", x => x.Is<Pow>() && x.Input(1).IsConstantOf(0.5) ? x.Input(0).Sqrt().Fit(x) : null),
        new("x ^ -0.5 -> rsqrt x", x => x.Is<Pow>() && x.Input(1).IsConstantOf(-0.5) ? x.Input(0).Rsqrt().Fit(x) : null),
        new("x ^ -1 -> reciprocal x", x => x.Is<Pow>() && x.Input(1).IsConstantOf(-1) ? x.Input(0).Reciprocal().Fit(x) : null),
        new("reciprocal(sqrt x) -> rsqrt x", x => x.Is<Reciprocal>() && x.Input(0).Is<Sqrt>() ? x.Input(0).Input(0).Rsqrt() : null),
    ];

    private static bool Same(Value x, Value y) => ReferenceEquals(x.Node, y.Node);
    private static bool IsNumber(Value x) => x.IsConstant(out _);
}
