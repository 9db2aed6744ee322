using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>crossentropy (logits, targets)</c>: log sum exp(logits) - logits[target], over the last axis: logits [..., V] and i32
/// targets [...] give losses [...]. A target below 0 is not counted: its loss and its gradient are 0.
/// </summary>
public sealed class CrossEntropy : Operation
{
    public override string Name => "crossentropy";
    public override IReadOnlyList<string> ResultNames => ["losses"];

    public override TensorType[] Infer(NodeView node)
    {
        Check(node.Inputs[0], node.Inputs[1], Name);
        return [new(DType.F32, node.Inputs[1].Shape)];
    }

    internal static void Check(Node logits, Node targets, string name)
    {
        ShapeRules.Expect(logits, name, DType.F32);
        ShapeRules.Expect(targets, name, DType.I32);
        if (logits.Shape.Rank != targets.Shape.Rank + 1 || !logits.Shape.Sizes.Take(targets.Shape.Rank).SequenceEqual(targets.Shape.Sizes))
            throw new ShapeException($"the logits {logits.Shape} of {name} do not fit the targets {targets.Shape}: they have one axis more, the classes");
    }

    /// <summary>Whether a class is the target: bool, like the logits.</summary>
    internal static Value IsTarget(Value logits, Value targets) =>
        logits.Graph.Iota(new Shape(logits.Shape[-1]), 0).IsEqual(targets.Expand(-1));

    internal static Value IsCounted(Value targets) => targets.Number(0).LessEqual(targets);

    public override IReadOnlyList<Node> Decompose(Graph graph, Node node)
    {
        Value logits = graph.Of(node.Inputs[0]), targets = graph.Of(node.Inputs[1]);
        var largest = logits.ReduceMax(-1).StopGradient();
        var logSum = ((logits - largest).Exp().Sum(-1).Log() + largest).Reshape(targets.Shape);
        var picked = IsTarget(logits, targets).Where(logits, logits.Number(0)).Sum(-1, keep: false);
        return [IsCounted(targets).Where(logSum - picked, logits.Number(0))];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [graph.Add(OperationTable.Get<CrossEntropyGradient>(), [node.Inputs[0], node.Inputs[1], results[0]!]), null];

    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Tokens"), Face("Labels")];

    private static SurfaceMethod Face(string targets) => Method($"Tensor CrossEntropy(Tensor logits, {targets} targets)",
        $"The mean cross-entropy of logits [{(targets == "Tokens" ? "B, T" : "B")}, V] with the targets, over targets that are not negative: a scalar, [].", call =>
        {
            var ids = call.Tensor("targets");
            var losses = call.Tensor("logits").Apply<CrossEntropy>(ids);
            var count = IsCounted(ids).Cast(DType.F32).SumAll();
            return losses.SumAll() / count.Max(count.Number(1));
        });

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("tokens", x => x[0].Apply(this, x[1]), CaseInput.Range(-3, 3, "B", "T", 5), CaseInput.Integers(5, "B", "T")),
        OperationCase.Of("some not counted", x => x[0].Apply(this, x[1] - 2), CaseInput.Range(-3, 3, "T", 5), CaseInput.Integers(5, "T")),
    ];
}
