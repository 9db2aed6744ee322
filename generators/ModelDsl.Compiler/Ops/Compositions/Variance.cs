using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The mean squared distance from the mean (divided by the size, not one less).</summary>
public sealed class Variance : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Variance(Tensor x, int axis = -1, bool keep = true)",
            "The mean squared distance from the mean over one axis, which stays with size 1 where keep holds.",
            call => call.Tensor("x").Apply(this, call.AxisOf("x").With("keep", call.Flag("keep", true)))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        int axis = attributes.Int("axis");
        var centred = inputs[0] - inputs[0].Mean(axis);
        return (centred * centred).Mean(axis, attributes.Get<bool>("keep"));
    }

    public override IEnumerable<OperationCase> Cases => [Case("rows", CaseInput.Range(-2, 2, "B", "T", "C"))];
}
