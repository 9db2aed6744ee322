using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>broadcast {shape} (x)</c>: x repeated along leading axes and along axes of size one (numpy's broadcast_to).</summary>
public sealed class Broadcast : Operation
{
    public override string Name => "broadcast";
    public override bool IsView => true;

    public override TensorType[] Infer(NodeView node)
    {
        Shape from = node.Inputs[0].Shape, to = node.Attributes.ShapeOf();
        if (!ShapeRules.BroadcastsTo(from, to)) throw new ShapeException($"cannot broadcast {from} to {to}: only missing axes and axes of size 1 repeat");
        return [new(node.Inputs[0].DType, to)];
    }

    public override DecodeRule Decode(Node node) => TokenAxis.IsAligned(node) ? DecodeRule.PerToken : DecodeRule.Unsupported;

    public override double[][] Interpret(InterpretCall call) =>
        [RowMajor.Broadcast(call.InputShapes[0], call.ResultShapes[0]).Select(p => call.Inputs[0][p]).ToArray()];

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [graph.Of(results[0]!).SumTo(node.Inputs[0].Shape).Node];

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Broadcast(Tensor x, ReadOnlySpan<int> shape)", "x repeated along missing axes and axes of size 1.",
            call => call.Tensor("x").Broadcast(new Shape(call.Sizes("shape")))),
    ];

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("leading and inner", x => x[0].Broadcast(new Shape(3, x[0].Shape[0], 4)).Sin() * x[1], CaseInput.Floats("B", 1), CaseInput.Floats(3, "B", 4))];
}
