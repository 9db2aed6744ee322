using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>reshape {shape} (x)</c>: the same elements in row-major order under another shape of equal count; no copy.</summary>
public sealed class Reshape : Operation
{
    public override string Name => "reshape";
    public override bool IsView => true;

    public override TensorType[] Infer(NodeView node)
    {
        Shape from = node.Inputs[0].Shape, to = node.Attributes.ShapeOf();
        if (!from.Count.Equals(to.Count))
            throw new ShapeException($"cannot reshape {from} to {to}: {from.Count} elements do not fill {to.Count}");
        return [new(node.Inputs[0].DType, to)];
    }

    /// <summary>Per token where as many elements follow the axis of tokens before and after.</summary>
    public override DecodeRule Decode(Node node) => Equals(AfterTokens(node.Inputs[0].Shape), AfterTokens(node.Shape)) ? DecodeRule.PerToken : DecodeRule.Unsupported;

    private static Polynomial? AfterTokens(Shape shape) => TokenAxis.Of(shape) is { } axis ? new Shape(shape.Sizes.Skip(axis + 1)).Count : null;

    public override double[][] Interpret(InterpretCall call) => [call.Inputs[0]];
    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [graph.Of(results[0]!).Reshape(node.Inputs[0].Shape).Node];

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Reshape(Tensor x, ReadOnlySpan<int> shape)",
            "The same elements in row-major order under another shape. One size may be -1: what is left.", call =>
            {
                var x = call.Tensor("x");
                var sizes = call.Sizes("shape");
                var known = sizes.Where(s => !s.Equals(-1)).Aggregate(Polynomial.One, (product, size) => product * size);
                if (sizes.Count(s => s.Equals(-1)) > 1) throw new ShapeException($"cannot reshape {x.Shape}: more than one size is -1");
                return x.Reshape(new Shape(sizes.Select(s => s.Equals(-1) ? x.Shape.Count / known : s)));
            }),
    ];

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("merge and split", x => x[0].Reshape(new Shape(x[0].Shape[0] * x[0].Shape[1], 2, x[0].Shape[2] / 2)).Sin(), CaseInput.Floats("B", "T", "C")),
    ];
}
