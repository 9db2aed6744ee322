using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>concat {axis} (a, b, ...)</c>: one after the other along an axis; the other sizes are equal.</summary>
public sealed class Concat : Operation
{
    public override string Name => "concat";

    public override TensorType[] Infer(NodeView node)
    {
        var first = node.Inputs[0];
        int axis = ShapeRules.Axis(node.Attributes.Int("axis"), first.Shape.Rank, "concatenate");
        foreach (var other in node.Inputs)
        {
            ShapeRules.ExpectSame(first, other, Name);
            if (other.Shape.Rank != first.Shape.Rank || !other.Shape.With(axis, 0).Equals(first.Shape.With(axis, 0)))
                throw new ShapeException($"cannot concatenate {first.Shape} and {other.Shape} along axis {axis}: another size differs");
        }
        return [new(first.DType, first.Shape.With(axis, node.Inputs.Aggregate(Polynomial.Zero, (sum, part) => sum + part.Shape[axis])))];
    }

    public override DecodeRule Decode(Node node) => TokenAxis.IsAligned(node) && TokenAxis.Of(node) != node.Attributes.Int("axis")
        ? DecodeRule.PerToken : DecodeRule.Unsupported;

    public override double[][] Interpret(InterpretCall call)
    {
        var strides = RowMajor.Strides(call.ResultShapes[0]);
        int axis = call.Node.Attributes.Int("axis");
        var result = new double[RowMajor.Count(call.ResultShapes[0])];
        long start = 0;
        for (int i = 0; i < call.Inputs.Count; start += call.InputShapes[i][axis], i++)
        {
            int[] places = RowMajor.Places(call.InputShapes[i], strides, strides[axis] * start);
            for (int e = 0; e < places.Length; e++) result[places[e]] = call.Inputs[i][e];
        }
        return [result];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        int axis = node.Attributes.Int("axis");
        var gradients = new Node?[node.Inputs.Count];
        var start = Polynomial.Zero;
        for (int i = 0; i < gradients.Length; start += node.Inputs[i].Shape[axis], i++)
            gradients[i] = graph.Of(results[0]!).Slice(axis, start, node.Inputs[i].Shape[axis]);
        return gradients;
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Concat(Tensor a, Tensor b, int axis = -1)", "a, then b, along one axis; their other sizes are equal.",
            call => call.Graph.Concat(call.Literal("axis", -1), call.Tensor("a"), call.Tensor("b"))),
    ];

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("three", x => x[0].Graph.Concat(1, x[0], x[1], x[0]).Sin(), CaseInput.Floats("B", "T", "C"), CaseInput.Floats("B", 1, "C"))];
}
