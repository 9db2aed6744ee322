using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// A cross-entropy and its gradient become one pass over the logits, in their memory, where the gradient does not wait for
/// the losses themselves.
/// <code>
/// crossentropy(l, t), crossentropygradient(l, t, d)  =>  crossentropystep(l, t, d)
/// </code>
/// </summary>
public static class FuseLosses
{
    public static Graph Run(Graph graph)
    {
        var steps = new Dictionary<Node, Node>();
        foreach (var gradient in graph.Live().Where(n => n.Is<CrossEntropyGradient>()))
        {
            var losses = graph.Nodes.FirstOrDefault(n => n.Is<CrossEntropy>() && n.Inputs[0] == gradient.Inputs[0] && n.Inputs[1] == gradient.Inputs[1]);
            if (losses is null || steps.ContainsKey(losses) || GraphWalk.Live([gradient.Inputs[2]]).Contains(losses)) continue;
            steps.Add(losses, gradient);
            steps.Add(gradient, gradient);
        }
        if (steps.Count == 0) return graph;

        var target = new Graph();
        var map = new Dictionary<Node, Node>();
        foreach (var parameter in graph.Nodes.Where(n => n.Is<Parameter>())) map[parameter] = parameter.CopyTo(target, []);
        foreach (var result in graph.Results) target.AddResult(result.Name, Copy(result.Node));
        return target;

        Node Copy(Node node)
        {
            if (map.TryGetValue(node, out var known)) return known;
            if (!steps.TryGetValue(node, out var gradient)) return map[node] = node.CopyTo(target, node.Inputs.Select(Copy).ToArray());
            var inputs = gradient.Inputs.Select(Copy).ToArray();
            target.Origin = gradient.Origin?.Place;
            var step = target.Add(OperationTable.Get<CrossEntropyStep>(), inputs);
            map[node] = target.Output(step, node == gradient ? 1 : 0).Node;
            map[node].TakeName(node.Origin);
            return map[node];
        }
    }
}
