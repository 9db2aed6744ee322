using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>attention {causal} (q, k, v, scale, softcap, window)</c> -> (out, lse): softmax attention without a materialised
/// score matrix (Dao et al., 2022). q [B, T, H, D]; k and v [B, S, K, D], K dividing H (grouped queries, Ainslie et al.,
/// 2023); out like q; lse [B, H, T] the logarithm of the sum of exponentials of each query's scores.
/// </summary>
/// <remarks>
/// Scores are softcap * tanh(scale * q k / softcap) (Gemma 2), or scale * q k where softcap is 0. Query t stands at
/// position t + S - T. A query sees keys at its position and before where causal holds, and of those at distance less than
/// window where window is above 0. scale and softcap are f32 scalars, window i32; a gradient flows to scale, none to the
/// other two. lse is for the gradient and has none of its own.
/// </remarks>
public sealed class Attention : Operation
{
    public override string Name => "attention";
    public override IReadOnlyList<string> ResultNames => ["attention", "logSumExp"];

    public override TensorType[] Infer(NodeView node)
    {
        Check(node, Name);
        var q = node.Inputs[0].Shape;
        return [node.Inputs[0].Type, new(DType.F32, new Shape(q[0], q[2], q[1]))];
    }

    /// <exception cref="ShapeException">q, k and v, the first three inputs, do not fit one another.</exception>
    internal static void Check(NodeView node, string name)
    {
        Shape q = node.Inputs[0].Shape, k = node.Inputs[1].Shape, v = node.Inputs[2].Shape;
        foreach (var input in node.Inputs.Take(3))
        {
            ShapeRules.Expect(input, name, DType.F32);
            if (input.Shape.Rank != 4) throw new ShapeException($"{name} takes tensors [batch, length, heads, head size], not {input.Shape}");
        }
        if (!k.Equals(v)) throw new ShapeException($"the keys {k} and the values {v} of {name} differ");
        if (!q[0].Equals(k[0])) throw new ShapeException($"the queries {q} and the keys {k} of {name} differ in the batch, {q[0]} and {k[0]}");
        if (!q[3].Equals(k[3])) throw new ShapeException($"the queries {q} and the keys {k} of {name} differ in the head size, {q[3]} and {k[3]}");
        if (q[2].IsConstant && k[2].IsConstant && q[2].Value % k[2].Value != 0)
            throw new ShapeException($"{k[2]} key heads do not divide {q[2]} query heads");
        int scalars = node.Inputs.Count - 3;
        ShapeRules.ExpectScalar(node.Inputs[scalars], name, "scale", DType.F32);
        ShapeRules.ExpectScalar(node.Inputs[scalars + 1], name, "soft cap", DType.F32);
        ShapeRules.ExpectScalar(node.Inputs[scalars + 2], name, "window", DType.I32);
    }

    /// <summary>Over other tokens it sees those before, which a cache keeps; over keys that are no tokens each stands alone.</summary>
    public override DecodeRule Decode(Node node) =>
        TokenAxis.Of(node.Inputs[1]) is null ? node.Attributes.Get<bool>("causal") ? DecodeRule.Unsupported : DecodeRule.PerToken
        : node.Attributes.Get<bool>("causal") && TokenAxis.Of(node.Inputs[0]) == 1 ? DecodeRule.Stateful : DecodeRule.Unsupported;

    public override Operation DecodeStep => OperationTable.Get<CachedAttention>();

    public override IEnumerable<Quotient> Divisions(Node node) => [new(node.Inputs[0].Shape[2], node.Inputs[1].Shape[2])];

    public override IReadOnlyList<Node> Decompose(Graph graph, Node node)
    {
        Value q = graph.Of(node.Inputs[0]), k = graph.Of(node.Inputs[1]), v = graph.Of(node.Inputs[2]);
        var group = AttentionScores.Group(q, k);
        var keys = AttentionScores.RepeatKeys(k, group);
        var capped = AttentionScores.Capped(AttentionScores.GroupQueries(q, k.Shape[2]), keys, graph.Of(node.Inputs[3]), graph.Of(node.Inputs[4]));
        var scores = AttentionScores.Masked(capped, graph.Of(node.Inputs[5]), node.Attributes.Get<bool>("causal"));
        var largest = scores.ReduceMax(-1).StopGradient();
        var weights = (scores - largest).Exp();
        var sum = weights.Sum(-1);
        var result = (weights / sum).MatMul(AttentionScores.RepeatKeys(v, group));
        return [AttentionScores.UngroupQueries(result, q.Shape), (sum.Log() + largest).Reshape(node.Types[1].Shape)];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        if (results[1] is not null) throw new NotSupportedException("the log-sum-exp of an attention has no gradient");
        Node[] inputs = [.. node.Inputs.Take(3), graph.Output(node, 0), graph.Output(node, 1), results[0]!, .. node.Inputs.Skip(3)];
        var gradients = graph.Add(OperationTable.Get<AttentionGradient>(), inputs, node.Attributes);
        var dq = graph.Output(gradients, 0);
        var scale = (dq * graph.Of(node.Inputs[0])).SumAll() / graph.Of(node.Inputs[3]);
        return [dq, graph.Output(gradients, 1), graph.Output(gradients, 2), scale, null, null];
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Attention(Tensor q, Tensor k, Tensor v, bool causal = true, int window = 0, float scale = 0, float softCap = 0)",
            """
            Softmax attention: q [B, T, H, D] over k and v [B, S, K, D], K dividing H; the result is like q.
            window: a query sees the last so many positions, its own included; 0 is all. scale: 0 is 1 / Sqrt(D).
            softCap: scores are softCap * Tanh(scores / softCap); 0 is none.
            """, call =>
            {
                var q = call.Tensor("q");
                var scale = call.Scalar("scale");
                if (scale.Node.Is<Constant>() && scale.Node.Attributes.Get<double>("value") == 0 && q.Rank == 4)
                    scale = call.Graph.Size(q.Shape[3]).Cast(DType.F32).Rsqrt();
                var attention = q.Graph.Add(this, [q, call.Tensor("k"), call.Tensor("v"), scale, call.Scalar("softCap"), call.Integer("window")],
                    Attributes.None.With("causal", call.Flag("causal", true)));
                return q.Graph.Output(attention, 0);
            }),
    ];

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("causal", true, 2, 2, 0, 0),
        Case("grouped queries", true, 4, 2, 0, 0),
        Case("one key head, window", true, 4, 1, 2, 0),
        Case("not causal, soft cap", false, 2, 2, 0, 0.7),
        Case("causal, window, soft cap", true, 2, 1, 3, 0.5),
    ];

    private static OperationCase Case(string name, bool causal, int heads, int keyHeads, int window, double softCap) => OperationCase.Of(name, x =>
    {
        var graph = x[0].Graph;
        var node = graph.Add(OperationTable.Get<Attention>(),
            [x[0], x[1], x[2], x[3], graph.Constant(softCap), graph.Constant(window, DType.I32)], Attributes.None.With("causal", causal));
        return graph.Output(node, 0);
    }, CaseInput.Floats(2, 5, heads, 3), CaseInput.Floats(2, 5, keyHeads, 3), CaseInput.Floats(2, 5, keyHeads, 3), CaseInput.Range(0.5, 1));
}
