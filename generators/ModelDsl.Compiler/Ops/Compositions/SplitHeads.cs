using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>[B, T, W] seen as [B, T, heads, W / heads].</summary>
public sealed class SplitHeads : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor SplitHeads(Tensor x, int heads)", "[..., W] as [..., heads, W / heads].",
            call => call.Tensor("x").Apply(this, Attributes.None.With("heads", call.Size("heads")))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        var x = inputs[0];
        var heads = attributes.SizeOf("heads");
        if (x.Shape[-1].IsConstant && heads.IsConstant && x.Shape[-1].Value % heads.Value != 0)
            throw new ShapeException($"{heads} heads do not divide {x.Shape[-1]}, the last size of {x.Shape}");
        return x.Reshape(new Shape([.. x.Shape.Sizes.Take(x.Rank - 1), heads, x.Shape[-1] / heads]));
    }

    public override IEnumerable<OperationCase> Cases => [Case("two heads", ["x"], [("heads", Polynomial.Constant(2))], CaseInput.Floats("B", "T", "C"))];
}
