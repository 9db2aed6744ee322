using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The sum over an axis divided by its size; without an axis, over all of them.</summary>
public sealed class Mean : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Mean(Tensor x, int axis = -1, bool keep = true)", "The mean over one axis, which stays with size 1 where keep holds.",
            call => call.Tensor("x").Apply(this, call.AxisOf("x").With("keep", call.Flag("keep", true)))),
        Method("Tensor MeanAll(Tensor x)", "The mean of all elements: a scalar, [].", call => call.Tensor("x").Apply(this)),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes) => attributes.Has("axis")
        ? inputs[0].Mean(attributes.Int("axis"), attributes.Get<bool>("keep")) : inputs[0].MeanAll();

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("rows", CaseInput.Range(-2, 2, "B", "T", "C")),
        Case("leading, dropped", ["x"], [("axis", Polynomial.Zero), ("keep", false)], CaseInput.Range(-2, 2, "B", "T", "C")),
    ];
}
