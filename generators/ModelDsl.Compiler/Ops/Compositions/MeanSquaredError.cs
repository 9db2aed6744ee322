using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The mean of the squared difference.</summary>
public sealed class MeanSquaredError : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor MeanSquaredError(Tensor x, Tensor target)", "The mean of (x - target)^2 over all elements: a scalar, [].",
            call => call.Tensor("x").Apply(this, call.Tensor("target"))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        var difference = inputs[0] - inputs[1];
        return (difference * difference).MeanAll();
    }

    public override IEnumerable<OperationCase> Cases => [Case("matrix", ["x", "target"], [], CaseInput.Floats("B", "C"), CaseInput.Floats("B", "C"))];
}
