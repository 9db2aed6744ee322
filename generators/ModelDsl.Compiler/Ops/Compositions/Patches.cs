using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>An image cut into squares, row by row (Dosovitskiy et al., 2020).</summary>
public sealed class Patches : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Patches(Tensor image, int size)",
            "Squares of an image: [B, C, H, W] gives [B, N, C * size * size] with N = (H / size) * (W / size), row by row.",
            call => call.Tensor("image").Apply(this, Attributes.None.With("size", call.Size("size")))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        var x = inputs[0];
        if (x.Rank != 4) throw new ShapeException($"an image is [batch, channels, height, width], not {x.Shape}");
        var size = attributes.SizeOf("size");
        Polynomial rows = x.Shape[2] / size, columns = x.Shape[3] / size;
        return x.Reshape(new Shape(x.Shape[0], x.Shape[1], rows, size, columns, size)).Transpose(0, 2, 4, 1, 3, 5)
            .Reshape(new Shape(x.Shape[0], rows * columns, x.Shape[1] * size * size));
    }

    public override IEnumerable<OperationCase> Cases => [Case("two by two", ["image"], [("size", Polynomial.Constant(2))], CaseInput.Floats("B", 3, 4, 6))];
}
