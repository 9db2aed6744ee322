using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The logarithm of the softmax, without underflow.</summary>
public sealed class LogSoftmax : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor LogSoftmax(Tensor x, int axis = -1)", "Log(Softmax(x)) along one axis, without underflow.",
            call => call.Tensor("x").Apply(this, call.AxisOf("x"))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        int axis = attributes.Int("axis");
        var shifted = inputs[0] - inputs[0].ReduceMax(axis).StopGradient();
        return shifted - shifted.Exp().Sum(axis).Log();
    }

    public override IEnumerable<OperationCase> Cases => [Case("rows", CaseInput.Range(-2, 2, "B", "T", "C"))];
}
