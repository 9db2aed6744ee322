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
    public static Graph Run(Graph graph, Func<Node, bool> supports)
    {
        var target = new Graph();
        var map = new Dictionary<Node, Node>();
        var expanded = new Dictionary<Node, IReadOnlyList<Node>>();
        foreach (var parameter in graph.Nodes.Where(n => n.Is<Parameter>())) map[parameter] = parameter.CopyTo(target, []);
        foreach (var node in graph.Live())
        {
            if (map.ContainsKey(node)) continue;
            if (node.Is<Output>() && expanded.TryGetValue(node.Inputs[0], out var results))
            {
                map[node] = results[node.Attributes.Int("index")];
                map[node].TakeName(node.Origin);
                continue;
            }
            var copy = map[node] = node.CopyTo(target, node.Inputs.Select(i => map[i]).ToArray(), [.. node.Regions.Select(r => Run(r, supports))]);
            if (supports(copy) || copy.Operation.Decompose(target, copy) is not { } meaning) continue;
            if (copy.Types.Count == 1)
            {
                map[node] = meaning[0];
                meaning[0].TakeName(node.Origin);
            }
            else expanded.Add(node, meaning);
        }
        foreach (var result in graph.Results) target.AddResult(result.Name, map[result.Node]);
        return target;
    }
}
