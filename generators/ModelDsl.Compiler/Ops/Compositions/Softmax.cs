using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>e^x over its sum along an axis, after the largest is taken off.</summary>
public sealed class Softmax : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Softmax(Tensor x, int axis = -1)", "Exp(x) over its sum along one axis.", call => call.Tensor("x").Apply(this, call.AxisOf("x"))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        var x = inputs[0];
        int axis = attributes.Int("axis");
        var weights = (x - x.ReduceMax(axis).StopGradient()).Exp();
        return weights * weights.Sum(axis).Reciprocal();
    }

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("rows", CaseInput.Range(-2, 2, "B", "T", "C")),
        Case("columns", ["x"], [("axis", Polynomial.Constant(1))], CaseInput.Range(-2, 2, "B", "T", "C")),
    ];
}
