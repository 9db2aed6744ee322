using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>e^x over its sum along an axis, after the largest is taken off.</summary>
public sealed class Softmax : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Softmax(Tensor x, int axis = -1)", "Exp(x) over its sum along one axis.", call => Of(call.Tensor("x"), call.Literal("axis", -1))),
    ];

    private static Value Of(Value x, int axis)
    {
        var weights = (x - x.ReduceMax(axis).StopGradient()).Exp();
        return weights * weights.Sum(axis).Reciprocal();
    }

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("rows", CaseInput.Range(-2, 2, "B", "T", "C")),
        Case("columns", ["x"], [("axis", Polynomial.Constant(1))], CaseInput.Range(-2, 2, "B", "T", "C")),
    ];
}
