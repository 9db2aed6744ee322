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
        bool any = false;
        var live = graph.Live();
        var next = graph.Rewrite((target, node, inputs) =>
        {
            if (!node.Is<Scan>()) return node.Types.Count == 1 ? [Rewrite(target.Of(node.CopyTo(target, inputs)), rules, ref any)] : null;
            var scan = new ScanSimplifier(node, live, rules);
            any |= scan.Changed;
            return scan.AddTo(target, inputs);
        });
        changed = any;
        return next;
    }

    private static Value Rewrite(Value value, IReadOnlyList<Rule> rules, ref bool changed)
    {
        for (int i = 0; i < rules.Count; i++)
        {
            if (rules[i].Apply(value) is not { } simpler || ReferenceEquals(simpler.Node, value.Node)) continue;
            if (!simpler.Node.Type.Equals(value.Node.Type))
                throw new InvalidOperationException($"rule '{rules[i].Name}' made {simpler.Node.Type} of '{GraphText.Line(value.Node)}'");
            changed = true;
            value = simpler;
            i = -1;
        }
        return value;
    }
}
