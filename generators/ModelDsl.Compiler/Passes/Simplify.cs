using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Rules;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// Rewrites a graph by the tables of Rules/, in their order, the first match winning, until none matches; drops what no
/// result needs, inside scans too. Parameters of the model stay. Doing it twice is doing it once.
/// </summary>
/// <remarks>Before: <c>sum(broadcast(x * 1))</c>. After: <c>x * size</c>.</remarks>
public static class Simplify
{
    private const int Rounds = 100;

    private static readonly Rule[] Always =
    [
        .. ConstantRules.Table, .. ArithmeticRules.Table, .. ChoiceRules.Table, .. LayoutRules.Table, .. PieceRules.Table, .. ReductionRules.Table, .. ProductRules.Table,
    ];

    private static readonly Rule[] Differentiated = [.. GradientRules.Table, .. Always];

    /// <param name="differentiated">No gradient will be taken of it any more.</param>
    public static Graph Run(Graph graph, bool differentiated = false)
    {
        for (int round = 0; round < Rounds; round++)
        {
            var next = Once(graph, differentiated ? Differentiated : Always, out bool changed);
            if (!changed && next.Nodes.Count == graph.Nodes.Count) return next;
            graph = next;
        }
        throw new InvalidOperationException($"the rules of the simplifier still rewrite after {Rounds} rounds");
    }

    internal static Graph Once(Graph graph, IReadOnlyList<Rule> rules, out bool changed)
    {
        var target = new Graph();
        var map = new Dictionary<Node, Node>();
        var scans = new Dictionary<Node, ScanSimplifier>();
        changed = false;
        foreach (var parameter in graph.Nodes.Where(n => n.Is<Parameter>())) map[parameter] = parameter.CopyTo(target, []);
        var live = graph.Live();
        foreach (var node in live)
        {
            if (map.ContainsKey(node)) continue;
            if (node.Is<Scan>())
            {
                var scan = new ScanSimplifier(node, live, rules);
                scan.AddTo(target, map);
                scans[node] = scan;
                changed |= scan.Changed;
                continue;
            }
            if (node.Is<Output>() && scans.TryGetValue(node.Inputs[0], out var producer))
            {
                map[node] = producer.Outputs[node.Attributes.Int("index")]!;
                map[node].TakeName(node.Origin);
                continue;
            }
            var copy = node.CopyTo(target, node.Inputs.Select(i => map[i]).ToArray());
            Node simpler = map[node] = Rewrite(target.Of(copy), rules, ref changed);
            simpler.TakeName(node.Origin);
        }
        foreach (var result in graph.Results) target.AddResult(result.Name, map[result.Node]);
        return target;
    }

    private static Value Rewrite(Value value, IReadOnlyList<Rule> rules, ref bool changed)
    {
        for (int i = 0; i < rules.Count; i++)
        {
            if (value.Node.Types.Count != 1 || rules[i].Apply(value) is not { } simpler || ReferenceEquals(simpler.Node, value.Node)) continue;
            if (!simpler.Node.Type.Equals(value.Node.Type))
                throw new InvalidOperationException($"rule '{rules[i].Name}' made {simpler.Node.Type} of '{GraphText.Line(value.Node)}'");
            changed = true;
            value = simpler;
            i = -1;
        }
        return value;
    }
}
