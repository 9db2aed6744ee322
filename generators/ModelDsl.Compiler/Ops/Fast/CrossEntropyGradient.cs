using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>crossentropygradient (logits, targets, dlosses)</c>: (softmax(logits) - onehot(targets)) * dlosses, 0 where the target
/// is below 0; dlosses [...] and the result like the logits [..., V].
/// </summary>
public sealed class CrossEntropyGradient : Operation
{
    public override string Name => "crossentropygradient";
    public override IReadOnlyList<string> ResultNames => ["dLogits"];

    public override TensorType[] Infer(NodeView node)
    {
        CrossEntropy.Check(node.Inputs[0], node.Inputs[1], Name);
        if (!node.Inputs[2].Shape.Equals(node.Inputs[1].Shape))
            throw new ShapeException($"the gradients {node.Inputs[2].Shape} of {Name} are one for each target {node.Inputs[1].Shape}");
        return [node.Inputs[0].Type];
    }

    public override IReadOnlyList<Node> Decompose(Graph graph, Node node)
    {
        Value logits = graph.Of(node.Inputs[0]), targets = graph.Of(node.Inputs[1]), gradient = graph.Of(node.Inputs[2]);
        var weights = (logits - logits.ReduceMax(-1)).Exp();
        var difference = weights / weights.Sum(-1) - CrossEntropy.IsTarget(logits, targets).Cast(DType.F32);
        return [difference * CrossEntropy.IsCounted(targets).Where(gradient, gradient.Number(0)).Expand(-1)];
    }
}
