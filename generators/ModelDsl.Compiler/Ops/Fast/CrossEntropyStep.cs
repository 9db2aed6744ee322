using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>crossentropystep (logits, targets, dlosses)</c> -> (losses, dlogits): <see cref="CrossEntropy"/> and
/// <see cref="CrossEntropyGradient"/> of the same logits, in one pass over them and in their memory.
/// </summary>
public sealed class CrossEntropyStep : Operation
{
    public override string Name => "crossentropystep";

    public override TensorType[] Infer(NodeView node)
    {
        CrossEntropy.Check(node.Inputs[0], node.Inputs[1], Name);
        return [new(DType.F32, node.Inputs[1].Shape), node.Inputs[0].Type];
    }

    public override IReadOnlyList<Node> Decompose(Graph graph, Node node) =>
    [
        graph.Add(OperationTable.Get<CrossEntropy>(), [node.Inputs[0], node.Inputs[1]]),
        graph.Add(OperationTable.Get<CrossEntropyGradient>(), node.Inputs),
    ];

    public override bool Lower(LowerCall call)
    {
        var rows = call.Node.Types[0].Shape;
        View logits = call.Input(0), gradient = call.ResultInPlaceOf(1, 0);
        var (scale, stride) = call.Run(2);
        call.Launch("CrossEntropyRows", rows.Count,
            LowerCall.Pointer("Logits", gradient), LowerCall.Pointer("Targets", call.Input(1, rows.Rank)), LowerCall.Pointer("Losses", call.Result(0, rows.Rank)),
            LowerCall.Pointer("Scale", scale), LowerCall.Size("ScaleStride", stride),
            LowerCall.Size("Vocabulary", logits.Shape[-1]), LowerCall.Size("Stride", LowerCall.RowStride(gradient)));
        return true;
    }
}
