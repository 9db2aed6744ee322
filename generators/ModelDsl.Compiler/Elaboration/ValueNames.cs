using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Names what one call of a method makes, and the calls within it: by its local variables, and as a layer's output.</summary>
/// <param name="path">The member path of the layer whose method it is.</param>
internal sealed class ValueNames(Graph graph, string path)
{
    private readonly int _first = graph.Nodes.Count;

    /// <summary>The variable that a value is assigned to; the first one stays.</summary>
    public void Label(SpecValue value, string name)
    {
        if (Made(value) is { Origin: { Label: null } origin } node) node.Origin = origin with { Label = Residual(node, name) ?? name, LabelPath = path };
    }

    /// <summary>"attentionResidual" of x += Attention.Forward(...): a variable that is added to has another value than before.</summary>
    private string? Residual(Node sum, string name)
    {
        if (!sum.Is<Add>() || !sum.Inputs.Any(i => i.Origin?.Label == name || i.Is<Parameter>() && i.ParameterName() == name)) return null;
        string inside = path.Length == 0 ? "" : path + ".";
        var layer = sum.Inputs.Select(i => i.Origin?.Path).FirstOrDefault(p => p is not null && p.Length > path.Length && p.StartsWith(inside));
        return layer is null ? null : char.ToLowerInvariant(layer[inside.Length]) + layer.Substring(inside.Length + 1).Split('.')[0] + "Residual";
    }

    /// <summary>What a Forward returns, each item of a tuple; the innermost layer's output stays its own.</summary>
    public void Output(SpecValue value)
    {
        if (value is TupleValue tuple)
            foreach (var item in tuple.Items) Output(item);
        else if (Made(value) is { Origin: { IsOutput: false } origin } node)
            node.Origin = origin with { Path = path, IsOutput = true };
    }

    private Node? Made(SpecValue value) => value is TensorValue { Node: var node } && node.Inputs.Count > 0 && node.Id >= _first
        && ReferenceEquals(graph.Nodes[node.Id], node) ? node : null;
}
