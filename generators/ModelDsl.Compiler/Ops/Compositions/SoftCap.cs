using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>cap * tanh(x / cap): values are kept within the cap (Gemma 2, for logits).</summary>
public sealed class SoftCap : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor SoftCap(Tensor x, float cap)", "cap * Tanh(x / cap), elementwise: within -cap and cap.",
            call => call.Tensor("x").Apply(this, call.Scalar("cap"))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes) => inputs[1] * (inputs[0] / inputs[1]).Tanh();

    public override IEnumerable<OperationCase> Cases => [Case("cube", ["x"], [("cap", 1.5)], CaseInput.Range(-2, 2, "B", "T", "C"))];
}
