using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>x * sigmoid(x) (Elfwing et al., 2018), also called swish.</summary>
public sealed class Silu : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Silu(Tensor x)", "x * Sigmoid(x), elementwise.", call => call.Tensor("x").Apply(this)),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes) => inputs[0] * inputs[0].Sigmoid();

    public override IEnumerable<OperationCase> Cases => [Case("cube", CaseInput.Range(-2, 2, "B", "T", "C"))];
}
