using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// Compositions become the formulas that they stand for, in loops as well.
/// <code>
/// silu x  =>  x * sigmoid x
/// </code>
/// </summary>
public static class Decompose
{
    public static Graph Run(Graph graph) => graph.Rewrite((target, node, inputs) =>
    {
        if (node.Operation is not Composition composition) return null;
        Node formula = composition.Of(inputs.Select(i => target.Of(i)).ToArray(), node.Attributes);
        if (!formula.Operation.IsView) formula.TakeName(node.Origin is { } origin ? origin with { Role = composition.Name } : null);
        return [formula];
    }, Run);
}
