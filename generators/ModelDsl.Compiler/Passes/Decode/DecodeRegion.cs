using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Decode;

/// <summary>Copies a region of the forward graph, operation by operation, as its decode rule says.</summary>
internal static class DecodeRegion
{
    /// <param name="known">What stands for the region's parameters; the rest are copied.</param>
    /// <returns>What stands for the region's results.</returns>
    /// <exception cref="ShapeException">An operation mixes tokens; the message says which and where.</exception>
    public static IReadOnlyList<Node> Copy(Graph region, DecodeScope scope, Dictionary<Node, Node> known)
    {
        foreach (var node in region.Live())
            if (!known.ContainsKey(node)) known.Add(node, Copy(node, scope, known));
        return region.Results.Select(r => known[r.Node]).ToArray();
    }

    private static Node Copy(Node node, DecodeScope scope, Dictionary<Node, Node> known)
    {
        var inputs = node.Inputs.Select(i => known[i]).ToArray();
        scope.Graph.Origin = node.Origin?.Place;
        if (node.Is<Scan>()) return Loop(node, inputs, scope);
        if (node.Is<Output>() && node.Attributes.Int("index") == 0 && inputs[0].Types.Count == 1 && !inputs[0].Is<Scan>()) return inputs[0];
        switch (Rule(node))
        {
            case DecodeRule.PerToken:
                var copy = node.CopyTo(scope.Graph, inputs);
                return node.Is<Iota>() && TokenAxis.Of(node.Shape) == node.Attributes.Int("axis") ? scope.Graph.Of(copy) + scope.Graph.Of(scope.Start) : copy;
            case DecodeRule.Stateful:
                return Stateful(node, inputs, scope);
            default:
                throw new ShapeException($"{Place(node)}{node.Operation.Name} mixes tokens, so that it would have to see all of them again for each new one");
        }
    }

    private static DecodeRule Rule(Node node)
    {
        try
        {
            return node.Operation.Decode(node);
        }
        catch (ShapeException several)
        {
            throw new ShapeException($"{Place(node)}{several.Message}");
        }
    }

    private static Node Stateful(Node node, Node[] inputs, DecodeScope scope)
    {
        var step = node.Operation.DecodeStep ?? throw new InvalidOperationException($"{node.Operation.Name} has no decode step");
        string path = node.Origin is { Path.Length: > 0 } origin ? origin.Path : BufferName(node.Operation.Name), prefix = path;
        for (int i = 2; scope.States.Any(s => s.Name.StartsWith(prefix + ".")); i++) prefix = path + i;
        var layer = scope.Layer ?? scope.Graph.Constant(0, DType.I32);
        var copy = scope.Graph.Add(step, [.. inputs, scope.Start, layer], node.Attributes.With("state", prefix));
        foreach (var spec in step.States(copy)) scope.States.Add(new StateSlot($"{prefix}.{spec.Role}", scope.Layers, spec.Element, spec.PerPosition));
        return copy;
    }

    private static string BufferName(string operation) => char.ToUpperInvariant(operation[0]) + operation.Substring(1);

    private static Node Loop(Node scan, Node[] inputs, DecodeScope scope)
    {
        var body = new Graph();
        var known = new Dictionary<Node, Node>();
        foreach (var parameter in Scan.Parameters(scan.Regions[0])) known.Add(parameter, parameter.CopyTo(body, []));
        var outer = new List<Node>(inputs) { scope.Start };
        Node start = body.Parameter(LowerDecode.Start, "shared", scope.Start.Type);
        Value layer = body.Index();
        var count = scan.Attributes.Get<Polynomial>("count");
        if (scope.Layer is { } surrounding)
        {
            outer.Add(surrounding);
            layer = body.Parameter("layer", "shared", surrounding.Type) * body.Size(count) + layer;
        }
        var inner = new DecodeScope(body, start, layer, scope.Layers * count, scope.States);
        var results = Copy(scan.Regions[0], inner, known);
        for (int i = 0; i < results.Count; i++) body.AddResult(scan.Regions[0].Results[i].Name, results[i]);
        return scan.CopyTo(scope.Graph, outer, body);
    }

    private static string Place(Node node) => node.Origin is { Path.Length: > 0 } origin ? origin.Path + ": " : "";
}
