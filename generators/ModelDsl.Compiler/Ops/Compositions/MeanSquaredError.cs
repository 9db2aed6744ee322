using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The mean of the squared difference.</summary>
public sealed class MeanSquaredError : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor MeanSquaredError(Tensor x, Tensor target)", "The mean of (x - target)^2 over all elements: a scalar, [].", call =>
        {
            var difference = call.Tensor("x") - call.Tensor("target");
            return (difference * difference).MeanAll();
        }),
    ];

    public override IEnumerable<OperationCase> Cases => [Case("matrix", ["x", "target"], [], CaseInput.Floats("B", "C"), CaseInput.Floats("B", "C"))];
}
