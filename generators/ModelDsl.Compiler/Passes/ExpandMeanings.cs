using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// Operations that the target has no kernel for, or none that fits their inputs, become their meanings: an attention with a
/// learned scale, a rotation by positions that do not count up.
/// </summary>
public static class ExpandMeanings
{
    /// <param name="supports">Whether the target has a kernel that fits a node.</param>
    public static Graph Run(Graph graph, Func<Node, bool> supports) => graph.Rewrite((target, node, inputs) =>
    {
        if (node.Regions.Count > 0) return null;
        var copy = node.CopyTo(target, inputs);
        return supports(copy) ? null : copy.Operation.Decompose(target, copy);
    }, region => Run(region, supports));
}
