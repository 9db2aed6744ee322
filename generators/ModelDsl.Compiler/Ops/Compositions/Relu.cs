using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>max(0, x); the derivative at 0 is 0.</summary>
public sealed class Relu : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Relu(Tensor x)", "The larger of x and 0, elementwise.", call => call.Tensor("x").Apply(this)),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes) => inputs[0].Graph.Constant(0).Max(inputs[0]);

    public override IEnumerable<OperationCase> Cases => [Case("cube", CaseInput.Range(-2, 2, "B", "T", "C"))];
}
