using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>How lowering sees a node. Views cost nothing, host scalars are host expressions, the rest is work.</summary>
internal static class NodeKinds
{
    /// <summary>Another reading of its input's memory.</summary>
    public static bool IsView(this Node node) => node.Operation.IsView;

    public static bool IsParameter(this Node node) => node.Is<Parameter>();

    /// <summary>The node that makes the value that <paramref name="node"/> is a view of.</summary>
    public static Node Root(this Node node)
    {
        while (node.IsView()) node = node.Inputs[0];
        return node;
    }

    /// <summary>
    /// A number that the host knows before the launch: constants, hyperparameters, sizes, indices, integers that it passes
    /// in, and what is computed from those.
    /// </summary>
    public static bool IsHostScalar(this Node node) => node.Types.Count == 1 && node.Shape.Rank == 0
        && (node.Operation is Constant or Hyper or LayerIndex or Size
            || node.IsParameter() && node.DType == DType.I32
            || (node.Operation.IsPointwise || node.Operation is Reshape or Broadcast) && node.Inputs.All(IsHostScalar));

    public static bool IsReduction(this Node node) => node.Operation is Sum or ReduceMax;

    /// <summary>A reduction over the last axis alone: one value a row.</summary>
    public static bool IsRowReduction(this Node node) =>
        node.IsReduction() && Axes(node) is { Length: 1 } axes && axes[0] == node.Inputs[0].Shape.Rank - 1;

    /// <summary>A sum over every axis but the last: one value a column.</summary>
    public static bool IsColumnReduction(this Node node) =>
        node.Is<Sum>() && node.Inputs[0].Shape.Rank > 1 && Axes(node).SequenceEqual(Enumerable.Range(0, node.Inputs[0].Shape.Rank - 1));

    /// <summary>What a generated kernel can hold.</summary>
    public static bool IsFusible(this Node node) => !node.IsHostScalar()
        && (node.Operation.IsPointwise || node.Is<Iota>() || node.IsRowReduction() || node.IsColumnReduction());

    /// <summary>Sorted, counted from the front.</summary>
    public static int[] Axes(Node node)
    {
        int rank = node.Inputs[0].Shape.Rank;
        return node.Attributes.Get<EquatableArray<long>>("axes").Select(a => (int)(a < 0 ? a + rank : a)).OrderBy(a => a).ToArray();
    }
}
