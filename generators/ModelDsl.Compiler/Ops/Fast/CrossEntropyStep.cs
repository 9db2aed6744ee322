using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>crossentropystep (logits, targets, dlosses)</c> -> (losses, dlogits): <see cref="CrossEntropy"/> and
/// <see cref="CrossEntropyGradient"/> of the same logits, in one pass over them and in their memory.
/// </summary>
public sealed class CrossEntropyStep : Operation
{
    public override string Name => "crossentropystep";
    public override IReadOnlyList<string> ResultNames => ["losses", "dLogits"];

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
}
