using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// Reverse mode over one region: its nodes are copied into a graph, then, from the last to the first, each turns the
/// gradients of its results into contributions to its inputs. The operations bring their own rule; scans are the work of
/// <see cref="ScanGradient"/>.
/// </summary>
internal sealed class RegionGradient
{
    private readonly RecomputePolicy _policy;
    private readonly HashSet<Node> _flow;
    private readonly HashSet<Node> _forward;
    private readonly Dictionary<Node, Node> _copies = [];
    private readonly List<Node> _order = [];
    private readonly Dictionary<Node, ScanGradient> _scans = [];
    private readonly HashSet<Node> _reached = [];

    /// <param name="region">What is differentiated.</param>
    /// <param name="from">The leaves with respect to which it is.</param>
    public RegionGradient(Graph region, Func<Node, bool> from, RecomputePolicy policy)
    {
        _policy = policy;
        _flow = GradientFlow.Of(region, from);
        Gradients = new Contributions(Graph);
        foreach (var node in region.Nodes)
            if (node.Is<Parameter>()) Copy(node);
        foreach (var node in region.Live())
            if (!_copies.ContainsKey(node)) Copy(node);
        _forward = new HashSet<Node>(Graph.Nodes);
        Results = region.Results.Select(r => _copies[r.Node]).ToArray();
    }

    /// <summary>Forward and backward nodes together.</summary>
    public Graph Graph { get; } = new();

    /// <summary>Whether a node of <see cref="Graph"/> is a copy of the region's; scans among them also give what their gradient reads.</summary>
    public bool IsForward(Node node) => _forward.Contains(node) || node.Is<Output>() && _forward.Contains(node.Inputs[0]);

    /// <summary>Whether a node of the region depends on what is differentiated.</summary>
    public bool Flows(Node node) => _flow.Contains(node);

    public Contributions Gradients { get; }

    /// <summary>The copies of the region's results.</summary>
    public IReadOnlyList<Node> Results { get; }

    /// <summary>The copy of a node of the region.</summary>
    public Node Copied(Node node) => _copies[node];

    /// <summary>Adds to the gradient of a node of the region, before <see cref="Run"/>.</summary>
    public void Seed(Node node, Node gradient) => Gradients.Add(_copies[node], gradient);

    public void Run()
    {
        for (int i = _order.Count - 1; i >= 0; i--)
        {
            var node = _order[i];
            if (!_reached.Contains(node)) continue;
            Graph.Origin = node.Origin?.Place;
            var results = Arrived(node);
            if (results.All(r => r is null) || node.Inputs.Count == 0 || node.Is<Output>()) continue;
            Contribute(node, _scans.TryGetValue(node, out var scan) ? scan.Backward(Graph, node, results) : node.Operation.Gradient(Graph, node, results));
        }
    }

    /// <summary>The gradient of each result of a node: those of several stand at its output nodes.</summary>
    private Node?[] Arrived(Node node) => node.Types.Count == 1 && !node.Is<Scan>() ? [Gradients.Total(node)]
        : node.Types.Select((_, k) => Gradients.Total(Graph.Output(node, k))).ToArray();

    private void Contribute(Node node, IReadOnlyList<Node?> gradients)
    {
        for (int k = 0; k < node.Inputs.Count; k++)
            if (gradients[k] is { } gradient && _reached.Contains(node.Inputs[k])) Gradients.Add(node.Inputs[k], gradient);
    }

    private void Copy(Node node)
    {
        var inputs = node.Inputs.Select(i => _copies[i]).ToArray();
        Node copy;
        if (node.Is<Scan>() && _flow.Contains(node))
        {
            var scan = new ScanGradient(node, GradientFlow.OfScan(node, node.Inputs.Select(_flow.Contains).ToArray()), _policy);
            copy = node.CopyTo(Graph, inputs, scan.Forward);
            _scans[copy] = scan;
        }
        else copy = node.CopyTo(Graph, inputs);
        _copies[node] = copy;
        _order.Add(copy);
        if (_flow.Contains(node)) _reached.Add(copy);
    }
}
