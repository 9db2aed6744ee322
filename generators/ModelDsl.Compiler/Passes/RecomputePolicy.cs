using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>What the backward pass of a scan computes again instead of reading what the forward pass kept (stashed).</summary>
public enum RecomputePolicy
{
    /// <summary>Products, attention, lookups, row statistics and carries are kept; elementwise values are computed again.</summary>
    Pointwise,

    /// <summary>Everything that the backward pass reads is kept.</summary>
    None,

    /// <summary>Only the carries are kept: the whole layer is computed again (Chen et al., 2016).</summary>
    Layer,
}

internal static class RecomputeRules
{
    /// <summary>Whether a forward value of a scan's body that its backward pass reads is kept, not computed again.</summary>
    public static bool Keeps(this RecomputePolicy policy, Node node) => !IsView(node) && !IsHostScalar(node) && policy switch
    {
        RecomputePolicy.None => true,
        RecomputePolicy.Pointwise => !node.Operation.IsPointwise || IsRowStatistic(node),
        _ => false,
    };

    /// <summary>One element a row, made of sums over the row: mean and rstd are kept, not the sums that they are made of.</summary>
    private static bool IsRowStatistic(Node node) => node.Operation.IsPointwise && node.Shape.Rank > 1 && node.Shape[-1].IsOne
        && node.Inputs.Any(i => i.IsRowReduction() || IsRowStatistic(i));

    /// <summary>Costs nothing to make again: another way to read the same elements.</summary>
    private static bool IsView(Node node) =>
        node.Inputs.Count == 0 || node.Operation is Reshape or Transpose or Broadcast or Slice or Pad or Concat;

    private static bool IsHostScalar(Node node) => node.Operation.IsPointwise && node.Shape.Rank == 0;
}
