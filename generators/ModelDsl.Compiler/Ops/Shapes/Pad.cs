using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>pad {axis, before, after} (x)</c>: x with that many zeros before and after along one axis.</summary>
public sealed class Pad : Operation
{
    public override string Name => "pad";

    public override TensorType[] Infer(NodeView node)
    {
        var x = node.Inputs[0].Shape;
        int axis = ShapeRules.Axis(node.Attributes.Int("axis"), x.Rank, Name);
        return [new(node.Inputs[0].DType, x.With(axis, node.Attributes.SizeOf("before") + x[axis] + node.Attributes.SizeOf("after")))];
    }

    public override DecodeRule Decode(Node node) => TokenAxis.Unless(node, axis => axis == node.Attributes.Int("axis"));

    public override double[][] Interpret(InterpretCall call)
    {
        var strides = RowMajor.Strides(call.ResultShapes[0]);
        var result = new double[RowMajor.Count(call.ResultShapes[0])];
        int[] places = RowMajor.Places(call.InputShapes[0], strides, strides[call.Node.Attributes.Int("axis")] * call.Size("before"));
        for (int e = 0; e < places.Length; e++) result[places[e]] = call.Inputs[0][e];
        return [result];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        int axis = node.Attributes.Int("axis");
        return [graph.Of(results[0]!).Slice(axis, node.Attributes.SizeOf("before"), node.Inputs[0].Shape[axis]).Node];
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Pad(Tensor x, int before, int after, int axis = -1)", "x with zeros before and after along one axis.",
            call => call.Tensor("x").Pad(call.Literal("axis", -1), call.Size("before"), call.Size("after"))),
    ];

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("inner axis", x => x[0].Pad(1, 2, 1) + 1, CaseInput.Floats("B", "T", "C"))];
}
