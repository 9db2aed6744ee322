using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>[B, T, H, D] seen as [B, T, H * D].</summary>
public sealed class MergeHeads : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor MergeHeads(Tensor x)", "[..., H, D] as [..., H * D].", call => call.Tensor("x").Apply(this)),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        var x = inputs[0];
        if (x.Rank < 2) throw new ShapeException($"{x.Shape} has no heads to merge");
        return x.Reshape(new Shape([.. x.Shape.Sizes.Take(x.Rank - 2), x.Shape[-2] * x.Shape[-1]]));
    }

    public override IEnumerable<OperationCase> Cases => [Case("merge", CaseInput.Floats("B", "T", 2, "C"))];
}
