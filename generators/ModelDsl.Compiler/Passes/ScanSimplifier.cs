using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Rules;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// One round over a scan: its body is simplified; stacks that nothing reads, and slices and shared values that the body
/// does not read, go; a carry that no layer changes is shared; a scalar that is known outside is made inside.
/// </summary>
internal sealed class ScanSimplifier
{
    private readonly Node _scan;
    private readonly Graph _body;
    private readonly IReadOnlyList<Node> _parameters;
    private readonly int[] _results;
    private readonly (int Parameter, string Kind)[] _kept;

    /// <param name="readers">The live nodes of the graph it stands in.</param>
    public ScanSimplifier(Node scan, IReadOnlyList<Node> readers, IReadOnlyList<Rule> rules)
    {
        _scan = scan;
        _body = Simplify.Once(scan.Regions[0], rules, out bool changed);
        _parameters = Scan.Parameters(_body);
        int carries = scan.Attributes.Int("carries"), slices = scan.Attributes.Int("slices");
        var read = new HashSet<int>(readers.Where(n => n.Is<Output>() && ReferenceEquals(n.Inputs[0], scan)).Select(n => n.Attributes.Int("index")));
        _results = Enumerable.Range(0, _body.Results.Count).Where(r => r < carries ? !IsUnchanged(r) : read.Contains(r)).ToArray();

        var live = new HashSet<Node>(GraphWalk.Live(_results.Select(r => _body.Results[r].Node)));
        _kept = Enumerable.Range(0, _parameters.Count)
            .Select(p => (p, Kind: p >= carries + slices || p < carries && IsUnchanged(p) ? ParameterKind.Shared : p < carries ? ParameterKind.Carry : ParameterKind.Slice))
            .Where(p => p.Kind == ParameterKind.Carry || live.Contains(_parameters[p.p]) && !IsKnown(p.p))
            .OrderBy(p => p.Kind == ParameterKind.Carry ? 0 : p.Kind == ParameterKind.Slice ? 1 : 2).ToArray();
        Changed = changed || _results.Length < _body.Results.Count || _kept.Length < _parameters.Count;
    }

    public bool Changed { get; }

    /// <summary>Adds the scan, where anything is left of it.</summary>
    /// <returns>For each result of the scan before, what stands for it after; null where nothing read it.</returns>
    public Node?[] AddTo(Graph target, Node[] inputs)
    {
        Node? scan = null;
        if (_results.Length > 0)
        {
            var attributes = _scan.Attributes.With("carries", _kept.Count(k => k.Kind == ParameterKind.Carry)).With("slices", _kept.Count(k => k.Kind == ParameterKind.Slice));
            scan = target.Add(_scan.Operation, _kept.Select(k => inputs[k.Parameter]).ToArray(), attributes, Body());
        }
        return _body.Results.Select((_, r) => Array.IndexOf(_results, r) is >= 0 and var at ? target.Output(scan!, at).Node
            : r < _scan.Attributes.Int("carries") ? inputs[r] : null).ToArray();
    }

    private bool IsUnchanged(int carry) => ReferenceEquals(_body.Results[carry].Node, _parameters[carry]);

    /// <summary>A scalar that costs nothing to make in the body: a number, a size or a hyperparameter.</summary>
    private bool IsKnown(int parameter) => parameter >= _scan.Attributes.Int("carries") + _scan.Attributes.Int("slices")
        && _scan.Inputs[parameter].Operation is Constant or Size or Hyper;

    private Graph Body()
    {
        var body = new Graph();
        var map = new Dictionary<Node, Node>();
        var names = new UniqueNames();
        foreach (var (parameter, kind) in _kept)
            map[_parameters[parameter]] = body.Parameter(names.Take(_parameters[parameter].ParameterName()), kind, _parameters[parameter].Type);
        for (int p = 0; p < _parameters.Count; p++)
            if (IsKnown(p)) map[_parameters[p]] = _scan.Inputs[p].CopyTo(body, []);
        GraphWalk.Copy(_results.Select(r => _body.Results[r].Node), body, map);
        foreach (int result in _results) body.AddResult(_body.Results[result].Name, map[_body.Results[result].Node]);
        return body;
    }
}
