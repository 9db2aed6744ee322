using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// What attention and its gradient share. Legend: B batch, T queries, S keys, H query heads, K key heads (H a multiple of
/// K), G = H / K queries a key head, D head size.
/// </summary>
internal static class AttentionScores
{
    public static Polynomial Group(Node query, Node key) => query.Shape[2] / key.Shape[2];

    /// <summary>[B, T, H, D] to [B, K, G, T, D].</summary>
    public static Value GroupQueries(Value x, Polynomial keyHeads) =>
        x.Reshape(new Shape(x.Shape[0], x.Shape[1], keyHeads, x.Shape[2] / keyHeads, x.Shape[3])).Transpose(0, 2, 3, 1, 4);

    /// <summary>[B, K, G, T, D] to [B, T, H, D].</summary>
    public static Value UngroupQueries(Value x, Shape shape) => x.Transpose(0, 3, 1, 2, 4).Reshape(shape);

    /// <summary>[B, S, K, D] to [B, K, G, S, D], repeated for each query of the group.</summary>
    public static Value RepeatKeys(Value x, Polynomial group)
    {
        var heads = x.Transpose(0, 2, 1, 3);
        return heads.Expand(2).Broadcast(new Shape(x.Shape[0], x.Shape[2], group, x.Shape[1], x.Shape[3]));
    }

    /// <summary>[B, K, G, S, D] to [B, S, K, D], summed over the group.</summary>
    public static Value SumKeys(Value x) => x.Sum([2], false).Transpose(0, 2, 1, 3);

    /// <summary>cap(scale * q k^T), before the mask: [B, K, G, T, S].</summary>
    public static Value Capped(Value q, Value k, Value scale, Value softCap)
    {
        var scores = scale * q.MatMul(k, false, true);
        var cap = SafeCap(softCap);
        return IsCapped(softCap).Where(cap * (scores / cap).Tanh(), scores);
    }

    public static Value IsCapped(Value softCap) => softCap.Number(0).Less(softCap);

    /// <summary>The cap, or one where there is none: what may be divided by.</summary>
    public static Value SafeCap(Value softCap) => IsCapped(softCap).Where(softCap, softCap.Number(1));

    /// <summary>Scores that are not seen are far below every other: e to their power is zero.</summary>
    public static Value Masked(Value scores, Value window, bool causal)
    {
        var graph = scores.Graph;
        Polynomial queries = scores.Shape[-2], keys = scores.Shape[-1];
        var query = graph.Iota(new Shape(queries, 1), 0) + graph.Size(keys - queries);
        var distance = query - graph.Iota(new Shape(1, keys), 1);
        var none = window.LessEqual(window.Number(0));
        var seen = none.Or(distance.Less(window));
        if (causal) seen = seen.And(distance.Number(0).LessEqual(distance));
        return seen.Where(scores, scores.Number(-1e30));
    }
}
