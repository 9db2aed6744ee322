using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>softplus(x) - x * target, the negative log likelihood of a Bernoulli distribution in logits.</summary>
public sealed class BinaryCrossEntropy : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor BinaryCrossEntropy(Tensor logits, Tensor targets)",
            "The mean of Softplus(logits) - logits * targets over all elements, targets in [0, 1]: a scalar, [].",
            call => call.Tensor("logits").Apply(this, call.Tensor("targets"))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes) => (Softplus.Of(inputs[0]) - inputs[0] * inputs[1]).MeanAll();

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("matrix", ["logits", "targets"], [], CaseInput.Range(-2, 2, "B", "C"), CaseInput.Range(0, 1, "B", "C")),
    ];
}
