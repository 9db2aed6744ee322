using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>slice {axis, start, length} (x)</c>: x[start .. start + length) along one axis. That it lies within x is checked
/// where all three are numbers, and at run time otherwise.
/// </summary>
public sealed class Slice : Operation
{
    public override string Name => "slice";
    public override bool IsView => true;

    public override TensorType[] Infer(NodeView node)
    {
        var x = node.Inputs[0].Shape;
        int axis = ShapeRules.Axis(node.Attributes.Int("axis"), x.Rank, Name);
        Polynomial start = node.Attributes.SizeOf("start"), length = node.Attributes.SizeOf("length"), after = x[axis] - start - length;
        if (start.IsConstant && start.Value < 0 || length.IsConstant && length.Value < 0 || after.IsConstant && after.Value < 0)
            throw new ShapeException($"cannot slice {x} from {start} for {length} along axis {axis}: it has {x[axis]} there");
        return [new(node.Inputs[0].DType, x.With(axis, length))];
    }

    public override DecodeRule Decode(Node node) => TokenAxis.Unless(node, axis => axis == node.Attributes.Int("axis"));

    public override double[][] Interpret(InterpretCall call)
    {
        var strides = RowMajor.Strides(call.InputShapes[0]);
        return [RowMajor.Places(call.ResultShapes[0], strides, strides[call.Node.Attributes.Int("axis")] * call.Size("start")).Select(p => call.Inputs[0][p]).ToArray()];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        int axis = node.Attributes.Int("axis");
        Polynomial start = node.Attributes.SizeOf("start"), length = node.Attributes.SizeOf("length");
        return [graph.Of(results[0]!).Pad(axis, start, node.Inputs[0].Shape[axis] - start - length).Node];
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Slice(Tensor x, int start, int length, int axis = -1)", "x[start .. start + length) along one axis.",
            call => call.Tensor("x").Slice(call.Literal("axis", -1), call.Size("start"), call.Size("length"))),
        Split(2),
        Split(3),
    ];

    private static SurfaceMethod Split(int parts) =>
        new($"({string.Join(", ", Enumerable.Repeat("Tensor", parts))}) Split{parts}(Tensor x, int axis = -1)",
            $"x in {parts} equal parts along one axis, whose size {parts} divides.", call =>
            {
                var x = call.Tensor("x");
                int axis = ShapeRules.Axis(call.Literal("axis", -1), x.Rank, "split");
                var length = x.Shape[axis] / parts;
                return Enumerable.Range(0, parts).Select(i => x.Slice(axis, i * length, length).Node).ToArray();
            });

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("inner axis", x => x[0].Slice(1, 1, x[0].Shape[1] - 1).Sin(), CaseInput.Floats("B", "T", "C"))];
}
