using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>attentiongradient {causal} (q, k, v, out, lse, dout, scale, softcap, window)</c> -> (dq, dk, dv): the gradient of
/// <see cref="Attention"/>; probabilities are recomputed from the scores and lse (Dao et al., 2022, algorithm 4).
/// </summary>
public sealed class AttentionGradient : Operation
{
    public override string Name => "attentiongradient";
    public override IReadOnlyList<string> ResultNames => ["dQuery", "dKey", "dValue"];

    public override TensorType[] Infer(NodeView node)
    {
        Attention.Check(node, Name);
        if (!node.Inputs[3].Type.Equals(node.Inputs[0].Type) || !node.Inputs[5].Type.Equals(node.Inputs[0].Type))
            throw new ShapeException($"the result {node.Inputs[3].Type} of {Name} and its gradient {node.Inputs[5].Type} are like the queries {node.Inputs[0].Type}");
        return [node.Inputs[0].Type, node.Inputs[1].Type, node.Inputs[2].Type];
    }

    public override IReadOnlyList<Node> Decompose(Graph graph, Node node)
    {
        Value[] x = node.Inputs.Select(n => graph.Of(n)).ToArray();
        Value scale = x[6], softCap = x[7];
        Polynomial keyHeads = x[1].Shape[2], group = AttentionScores.Group(x[0], x[1]);
        Value q = AttentionScores.GroupQueries(x[0], keyHeads), k = AttentionScores.RepeatKeys(x[1], group), v = AttentionScores.RepeatKeys(x[2], group);
        Value output = AttentionScores.GroupQueries(x[3], keyHeads), gradient = AttentionScores.GroupQueries(x[5], keyHeads);
        var logSum = x[4].Reshape(new Shape(x[0].Shape[0], keyHeads, group, x[0].Shape[1], 1));

        var capped = AttentionScores.Capped(q, k, scale, softCap);
        var p = (AttentionScores.Masked(capped, x[8], node.Attributes.Get<bool>("causal")) - logSum).Exp();
        var dp = gradient.MatMul(v, false, true);
        var ds = p * (dp - (gradient * output).Sum(-1));
        var ratio = capped / AttentionScores.SafeCap(softCap);
        ds *= AttentionScores.IsCapped(softCap).Where(1 - ratio * ratio, softCap.Number(1)) * scale;
        return
        [
            AttentionScores.UngroupQueries(ds.MatMul(k), x[0].Shape),
            AttentionScores.SumKeys(ds.MatMul(q, true, false)),
            AttentionScores.SumKeys(p.MatMul(gradient, true, false)),
        ];
    }
}
