using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// The gradient of a loop over layers, as a loop the other way. The forward body gives, beside its own results, what the
/// backward body reads (the stash). The backward body takes:
/// <list type="bullet">
/// <item>carries: the gradient of each carry, and a running sum for each shared value;</item>
/// <item>slices: the gradients of stacked results, the stash, and the forward slices it reads;</item>
/// <item>shared: the shared values it reads.</item>
/// </list>
/// It gives the gradients of the carries one layer before, the sums, and stacks of the gradients of slices.
/// </summary>
internal sealed class ScanGradient
{
    private readonly Node _scan;
    private readonly bool[] _active;
    private readonly IReadOnlyList<Node> _parameters;
    private readonly int _carries, _slices;
    private readonly RegionGradient _region;
    private readonly List<(int Result, Node Seed)> _seeds = [];
    private readonly ScanStash _stash;
    private readonly Graph _backward = new();
    private readonly UniqueNames _names = new();

    /// <summary>Where the inputs of the backward scan come from, in its order.</summary>
    private readonly List<Func<Graph, Node, Node?[], Node>> _inputs = [];

    /// <summary>For each input of the forward scan, the result of the backward scan that is its gradient; -1 for none.</summary>
    private readonly int[] _gradients;

    /// <param name="active">For each input of the scan, whether a gradient flows to it.</param>
    public ScanGradient(Node scan, bool[] active, RecomputePolicy policy)
    {
        _scan = scan;
        _active = active;
        _carries = scan.Attributes.Int("carries");
        _slices = scan.Attributes.Int("slices");
        _parameters = Scan.Parameters(scan.Regions[0]);
        _gradients = Enumerable.Repeat(-1, _parameters.Count).ToArray();
        _region = new RegionGradient(scan.Regions[0], p => _parameters.Where((_, i) => active[i]).Contains(p), policy);
        Seed();
        _region.Run();
        _stash = new ScanStash(_region, _parameters.Where((_, i) => active[i]), policy);
        Forward = ForwardBody();
        BackwardBody();
    }

    /// <summary>The body of the forward scan with the stash among its results.</summary>
    public Graph Forward { get; }

    /// <summary>Adds the backward scan to a graph where <paramref name="forward"/> stands with <see cref="Forward"/> as its body.</summary>
    /// <returns>The gradient of each of its inputs.</returns>
    public IReadOnlyList<Node?> Backward(Graph graph, Node forward, Node?[] results)
    {
        var inputs = _inputs.Select(input => input(graph, forward, results)).ToArray();
        var attributes = Attributes.None.With("count", _scan.Attributes.SizeOf("count")).With("reverse", !_scan.Attributes.Get<bool>("reverse"))
            .With("carries", _parameters.Where((_, i) => _active[i] && !IsSlice(i)).Count()).With("slices", Scan.Parameters(_backward).Count(p => p.IsParameter(ParameterKind.Slice)));
        var scan = graph.Add(_scan.Operation, inputs, attributes, _backward);
        return _gradients.Select(g => g < 0 ? null : graph.Output(scan, g).Node).ToArray();
    }

    private bool IsSlice(int parameter) => parameter >= _carries && parameter < _carries + _slices;

    /// <summary>A parameter for the gradient of each result that something differentiated reaches.</summary>
    private void Seed()
    {
        var results = _scan.Regions[0].Results;
        for (int r = 0; r < results.Count; r++)
        {
            if (r < _carries ? !_active[r] : !_region.Flows(results[r].Node)) continue;
            var seed = _region.Graph.Parameter($"{r}", ParameterKind.Shared, results[r].Node.Type);
            _region.Seed(results[r].Node, seed);
            _seeds.Add((r, seed));
        }
    }

    private Graph ForwardBody()
    {
        var body = new Graph();
        var map = new Dictionary<Node, Node>();
        GraphWalk.Copy(_parameters.Select(_region.Copied), body, map);
        var results = _scan.Regions[0].Results.Select(r => (r.Name, Node: _region.Copied(r.Node)))
            .Concat(_stash.Kept.Select(k => (k.Name, k.Node))).ToArray();
        GraphWalk.Copy(results.Select(r => r.Node), body, map);
        foreach (var (name, node) in results) body.AddResult(name, map[node]);
        return body;
    }

    private void BackwardBody()
    {
        var map = new Dictionary<Node, Node>();
        var running = new List<(int Parameter, Node Sum)>();
        var count = _scan.Attributes.SizeOf("count");
        int forwardResults = _scan.Regions[0].Results.Count;

        foreach (var (result, seed) in _seeds.Where(s => s.Result < _carries))
            map[seed] = Take(GradientName(_parameters[result]), ParameterKind.Carry, seed.Type, (graph, _, results) => results[result] ?? Zeros(graph, seed.Type));
        for (int i = _carries + _slices; i < _parameters.Count; i++)
            if (_active[i]) running.Add((i, Take(GradientName(_parameters[i]), ParameterKind.Carry, _parameters[i].Type, Start(_parameters[i].Type))));
        foreach (var (result, seed) in _seeds.Where(s => s.Result >= _carries))
            map[seed] = Take($"gradient.{_scan.Regions[0].Results[result].Name}", ParameterKind.Slice, seed.Type,
                (graph, _, results) => results[result] ?? Zeros(graph, Scan.Stacked(seed.Type, count)));
        for (int k = 0; k < _stash.Kept.Count; k++)
        {
            int result = forwardResults + k;
            map[_stash.Kept[k].Node] = Take(_stash.Kept[k].Name, ParameterKind.Slice, _stash.Kept[k].Node.Type, (graph, forward, _) => graph.Output(forward, result));
        }
        for (int i = _carries; i < _parameters.Count; i++)
        {
            int input = i;
            if (_stash.Reads(_region.Copied(_parameters[i])))
                map[_region.Copied(_parameters[i])] = Take(_parameters[i].ParameterName(), IsSlice(i) ? ParameterKind.Slice : ParameterKind.Shared,
                    _parameters[i].Type, (_, forward, _) => forward.Inputs[input]);
        }

        GraphWalk.Copy(Enumerable.Range(0, _parameters.Count).Select(Total).OfType<Node>(), _backward, map);
        for (int i = 0; i < _carries; i++)
            if (_active[i]) Give(i, Total(i) is { } total ? map[total] : Zeros(_backward, _parameters[i].Type));
        foreach (var (parameter, sum) in running)
            Give(parameter, Total(parameter) is { } total ? Added(parameter, sum, map[total]) : sum);
        for (int i = _carries; i < _carries + _slices; i++)
            if (Total(i) is { } total) Give(i, map[total]);
    }

    private Node Take(string name, string kind, TensorType type, Func<Graph, Node, Node?[], Node> from)
    {
        _inputs.Add(from);
        return _backward.Parameter(_names.Take(name), kind, type);
    }

    private void Give(int parameter, Node gradient)
    {
        _gradients[parameter] = _backward.Results.Count;
        _backward.AddResult(GradientName(_parameters[parameter]), gradient);
    }

    /// <summary>The running sum of a shared value's gradient with one layer's.</summary>
    private Node Added(int parameter, Node sum, Node gradient)
    {
        _backward.Origin = gradient.Origin?.Place;
        Node added = _backward.Of(sum) + _backward.Of(gradient);
        Origins.NameGradient(_parameters[parameter], added);
        return added;
    }

    private Node? Total(int parameter) => _stash.Total(_region.Copied(_parameters[parameter]));
    private static string GradientName(Node parameter) => $"gradient.{parameter.ParameterName()}";
    private static Func<Graph, Node, Node?[], Node> Start(TensorType type) => (graph, _, _) => Zeros(graph, type);
    private static Node Zeros(Graph graph, TensorType type) => graph.Constant(0, type.DType).Broadcast(type.Shape);
}
