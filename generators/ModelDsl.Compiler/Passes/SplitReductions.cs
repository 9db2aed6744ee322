using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// A reduction over axes that are not neighbours becomes one for each run of neighbours, the innermost first, so that each is
/// [outer, reduced, inner] to [outer, inner].
/// <code>
/// sum{0, 2} x [A, B, C]  =>  sum{0} (sum{2} x)
/// </code>
/// </summary>
public static class SplitReductions
{
    public static Graph Run(Graph graph) =>
        graph.Rewrite((target, node, inputs) => IsSplit(node) ? [Split(node, target.Of(inputs[0]))] : null, Run);

    /// <summary>A sum over all axes but the last is a kernel's: it needs no splitting, its axes are neighbours.</summary>
    private static bool IsSplit(Node node) => node.Operation is Reduction
        && node.Attributes.Integers("axes") is { Length: > 1 } axes && axes.Max() - axes.Min() + 1 != axes.Length;

    private static Node Split(Node node, Value value)
    {
        var axes = node.Attributes.Integers("axes").ToList();
        while (axes.Count > 0)
        {
            int last = axes[axes.Count - 1], first = last;
            while (axes.Contains(first - 1)) first--;
            axes.RemoveAll(a => a >= first);
            value = value.Apply(node.Operation, Attributes.None.With("axes", Enumerable.Range(first, last + 1 - first).Select(a => (long)a).ToEquatableArray()).With("keep", node.Attributes.Get<bool>("keep")));
        }
        return value.Node;
    }
}
