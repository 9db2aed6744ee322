using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops.Leaves;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// What of one layer's forward pass is kept for its backward pass: where the walk from the gradients first meets a forward
/// value, the recompute policy keeps it or goes on to what it is made of.
/// </summary>
internal sealed class ScanStash
{
    private readonly RegionGradient _region;
    private readonly Recompute _policy;
    private readonly Dictionary<Node, Node?> _totals = [];
    private readonly HashSet<Node> _seen = [];
    private readonly UniqueNames _names = new();
    private readonly List<(string Name, Node Node)> _kept = [];

    /// <param name="parameters">Of the scan's body: those whose gradient is wanted.</param>
    public ScanStash(RegionGradient region, IEnumerable<Node> parameters, Recompute policy)
    {
        _region = region;
        _policy = policy;
        foreach (var parameter in parameters)
            _totals[region.Copied(parameter)] = region.Gradients.Total(region.Copied(parameter));
        foreach (var node in GraphWalk.Live(_totals.Values.OfType<Node>(), region.IsForward))
            if (region.IsForward(node)) Read(node);
    }

    /// <summary>The values kept and their names, in the order of the forward pass.</summary>
    public IReadOnlyList<(string Name, Node Node)> Kept => _kept;

    /// <summary>Whether the backward pass reads this slice or shared value itself.</summary>
    public bool Reads(Node parameter) => _seen.Contains(parameter);

    /// <summary>The gradient of a parameter; null where none arrives.</summary>
    public Node? Total(Node parameter) => _totals.TryGetValue(parameter, out var total) ? total : null;

    private void Read(Node node)
    {
        if (!_seen.Add(node)) return;
        if (node.IsParameter(ParameterKind.Carry) || _policy.Keeps(node)) _kept.Add((_names.Take(NameOf(node)), node));
        else
            foreach (var input in node.Inputs) Read(input);
    }

    /// <summary>A carry's own name; the place in the record and the operation otherwise.</summary>
    private static string NameOf(Node node)
    {
        if (node.Is("parameter")) return node.ParameterName();
        string operation = node.Is("output") ? node.Inputs[0].Operation.Name : node.Operation.Name;
        return node.Origin is { Path.Length: > 0 } origin ? $"{origin.Path}.{operation}" : operation;
    }
}
