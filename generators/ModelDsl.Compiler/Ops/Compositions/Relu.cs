using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>max(0, x); the derivative at 0 is 0.</summary>
public sealed class Relu : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Relu(Tensor x)", "The larger of x and 0, elementwise.", call => call.Graph.Constant(0).Max(call.Tensor("x"))),
    ];

    public override IEnumerable<OperationCase> Cases => [Case("cube", CaseInput.Range(-2, 2, "B", "T", "C"))];
}
