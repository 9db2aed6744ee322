using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>transpose {permutation} (x)</c>: result axis i is x's axis permutation[i].</summary>
public sealed class Transpose : Operation
{
    public override string Name => "transpose";
    public override bool IsView => true;

    public override TensorType[] Infer(NodeView node)
    {
        var x = node.Inputs[0].Shape;
        int[] order = node.Attributes.Integers("permutation");
        if (!order.OrderBy(a => a).SequenceEqual(Enumerable.Range(0, x.Rank)))
            throw new ShapeException($"cannot transpose {x} by ({string.Join(", ", order)}): each of its {x.Rank} axes must be named once");
        return [new(node.Inputs[0].DType, new Shape(order.Select(a => x[a])))];
    }

    public override DecodeRule Decode(Node node) => DecodeRule.PerToken;

    public override double[][] Interpret(InterpretCall call)
    {
        var strides = RowMajor.Strides(call.InputShapes[0]);
        return [RowMajor.Places(call.ResultShapes[0], call.Node.Attributes.Integers("permutation").Select(a => strides[a]).ToArray()).Select(p => call.Inputs[0][p]).ToArray()];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [graph.Of(results[0]!).Transpose(Inverse(node.Attributes.Integers("permutation"))).Node];

    public static int[] Inverse(int[] permutation) => permutation.Select((_, i) => Array.IndexOf(permutation, i)).ToArray();

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Transpose(Tensor x, ReadOnlySpan<int> axes)", "x with its axes in another order: result axis i is x's axis axes[i].",
            call => call.Tensor("x").Transpose(call.Literals("axes"))),
    ];

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("rotate", x => x[0].Transpose(2, 0, 1).Sin(), CaseInput.Floats("B", "T", "C"))];
}
