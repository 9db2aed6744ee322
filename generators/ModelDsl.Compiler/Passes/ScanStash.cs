using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// What of one layer's forward pass is kept for its backward pass: where the walk from the gradients first meets a forward
/// value, the recompute policy keeps it or goes on to what it is made of.
/// </summary>
/// <remarks>
/// A value of which nothing is read but a sum with something else (a product and its bias, a residual) is kept as that sum:
/// it takes the same room, is there anyway, and need not be added up again.
/// </remarks>
internal sealed class ScanStash
{
    private readonly RegionGradient _region;
    private readonly RecomputePolicy _policy;
    private readonly Dictionary<Node, Node?> _totals = [];
    private readonly HashSet<Node> _seen = [];
    private readonly Dictionary<Node, int> _users = [];
    private readonly UniqueNames _names = new();
    private readonly List<(string Name, Node Node)> _kept = [];

    /// <param name="parameters">Of the scan's body: those whose gradient is wanted.</param>
    public ScanStash(RegionGradient region, IEnumerable<Node> parameters, RecomputePolicy policy)
    {
        _region = region;
        _policy = policy;
        foreach (var parameter in parameters)
            _totals[region.Copied(parameter)] = region.Gradients.Total(region.Copied(parameter));
        var backward = _totals.Values.OfType<Node>().ToArray();
        foreach (var node in GraphWalk.Live(backward.Concat(region.Results)))
            foreach (var input in node.Inputs.Distinct()) _users[input] = _users.TryGetValue(input, out int users) ? users + 1 : 1;
        foreach (var node in GraphWalk.Live(backward, region.IsForward))
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
        if (node.IsParameter(ParameterKind.Carry) || _policy.Keeps(node) || IsSumOfKept(node)) _kept.Add((_names.Take(NameOf(node)), node));
        else
            foreach (var input in node.Inputs) Read(input);
    }

    private bool IsSumOfKept(Node node) => (node.Is<Add>() || node.Is<Sub>())
        && node.Inputs.Any(i => i.Type.Equals(node.Type) && _users[i] == 1 && !_region.Results.Contains(i) && (_policy.Keeps(i) || IsSumOfKept(i)));

    /// <summary>A carry's own name; the place in the record and the operation otherwise.</summary>
    private static string NameOf(Node node)
    {
        if (node.Is<Parameter>()) return node.ParameterName();
        string operation = !node.Is<Output>() ? node.Operation.Name
            : node.Inputs[0].Operation.ResultNames.ElementAtOrDefault(node.Attributes.Int("index")) ?? node.Inputs[0].Operation.Name;
        return node.Origin is { Path.Length: > 0 } origin ? $"{origin.Path}.{operation}" : operation;
    }
}
