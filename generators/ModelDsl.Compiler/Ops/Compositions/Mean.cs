using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The sum over an axis divided by its size.</summary>
public sealed class Mean : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Mean(Tensor x, int axis = -1, bool keep = true)", "The mean over one axis, which stays with size 1 where keep holds.",
            call => call.Tensor("x").Mean(call.Literal("axis", -1), call.Flag("keep", true))),
        Method("Tensor MeanAll(Tensor x)", "The mean of all elements: a scalar, [].", call => call.Tensor("x").MeanAll()),
    ];

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("rows", CaseInput.Range(-2, 2, "B", "T", "C")),
        Case("leading, dropped", ["x"], [("axis", Polynomial.Zero), ("keep", false)], CaseInput.Range(-2, 2, "B", "T", "C")),
    ];
}
