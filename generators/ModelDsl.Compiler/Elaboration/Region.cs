using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>
/// A graph under construction: the model's, or the body of a repeat. What a body reads from outside becomes a parameter
/// of it on first use: a slice of a stacked weight, or a shared tensor.
/// </summary>
internal sealed class Region(Region? parent = null, RepeatInstance? repeat = null)
{
    private readonly Dictionary<Node, Node> _shared = [];
    private readonly Dictionary<Node, Node> _slices = [];
    private readonly Dictionary<Node, bool> _closed = [];
    private readonly Names _names = new();

    public Graph Graph { get; } = new();
    public Region? Parent => parent;

    /// <summary>The repeat whose body this is; null for the model's own graph.</summary>
    public RepeatInstance? Repeat => repeat;

    /// <summary>The index of the repeat's layer; null in the model's own graph.</summary>
    public Node? Index => repeat is null ? null : Graph.Index();

    /// <summary>Nodes of the parent, in the order in which they came in, with their parameters here.</summary>
    public List<(Node Outer, Node Inner)> Shared { get; } = [];
    public List<(Node Outer, Node Inner)> Slices { get; } = [];

    public Node Parameter(string name, string kind, TensorType type) =>
        Graph.Parameter(_names.Unique(name), kind, type);

    /// <summary>A weight of the model, stacked over its repeats: a parameter of the model's own graph.</summary>
    public Node Weight(string name, Shape shape) => Graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, shape));

    /// <summary>The node in this region that has the value of a node of this or a surrounding region.</summary>
    public Node Use(Node node)
    {
        if (node.Id < Graph.Nodes.Count && ReferenceEquals(Graph.Nodes[node.Id], node)) return node;
        if (parent is null) throw new InvalidOperationException($"{node} belongs to no surrounding region");
        node = parent.Use(node);
        if (_shared.TryGetValue(node, out var known)) return known;
        var inner = IsClosedScalar(node) ? node.CopyTo(Graph, node.Inputs.Select(Use).ToArray())
            : Parameter(NameOf(node), ParameterKind.Shared, node.Type);
        if (inner.Is<Parameter>()) Shared.Add((node, inner));
        _shared.Add(node, inner);
        return inner;
    }

    /// <summary>The slice at the repeat's index of a tensor that is stacked over its layers.</summary>
    public Node Slice(Node stacked, string name)
    {
        if (_slices.TryGetValue(stacked, out var known)) return known;
        var inner = Parameter(name, ParameterKind.Slice, new TensorType(stacked.DType, new Shape(stacked.Shape.Sizes.Skip(1))));
        Slices.Add((stacked, inner));
        _slices.Add(stacked, inner);
        return inner;
    }

    /// <summary>A number made of constants and hyperparameters: written again in a body rather than handed in.</summary>
    private bool IsClosedScalar(Node node)
    {
        if (node.Types.Count != 1 || node.Shape.Rank != 0) return false;
        if (!_closed.TryGetValue(node, out bool closed))
            _closed.Add(node, closed = node.Inputs.Count > 0 ? node.Inputs.All(IsClosedScalar) : node.Is<Constant>() || node.Is<Hyper>() || node.Is<Size>());
        return closed;
    }

    private static string NameOf(Node node) => node.Is<Parameter>() ? node.ParameterName()
        : node.Is<LayerIndex>() ? "layer"
        : node.Is<Output>() ? NameOf(node.Inputs[0])
        : node.Is<Iota>() ? "positions"
        : node.Operation.Name;
}

/// <summary>Keeps the names of a region's parameters apart.</summary>
internal sealed class Names
{
    private readonly HashSet<string> _taken = [];

    public string Unique(string name)
    {
        string candidate = name;
        for (int i = 2; !_taken.Add(candidate); i++) candidate = name + i;
        return candidate;
    }
}


/// <summary>The weights that the graphs use, in order of first use, and where a region reads them from.</summary>
internal sealed class WeightTable
{
    private readonly Dictionary<string, Weight> _byName = [];
    private readonly List<Weight> _all = [];

    public IReadOnlyList<Weight> All => _all;

    /// <summary>The weight of a layer as a node of the region: the whole one, or the slice at the region's index.</summary>
    public Node Use(Region region, LayerInstance layer, Weight weight)
    {
        if (!_byName.ContainsKey(weight.Name))
        {
            _byName.Add(weight.Name, weight);
            _all.Add(weight);
        }
        return Stacked(region, layer.Repeats, layer.Repeats.Count, weight);
    }

    /// <summary>Sliced by the outermost <paramref name="depth"/> of its repeats.</summary>
    private static Node Stacked(Region region, EquatableArray<RepeatInstance> repeats, int depth, Weight weight)
    {
        if (region.Parent is null)
            return depth == 0 ? region.Weight(weight.Name, new Shape(weight.Counts.Concat(weight.Shape.Sizes)))
                : throw new InvalidOperationException($"{weight.Name} is used outside its repeat");
        return depth > 0 && ReferenceEquals(region.Repeat, repeats[depth - 1])
            ? region.Slice(Stacked(region.Parent, repeats, depth - 1, weight), weight.Name)
            : region.Use(Stacked(region.Parent, repeats, depth, weight));
    }
}


/// <summary>The inputs of a graph as they are declared.</summary>
internal sealed class Inputs(Region region)
{
    private readonly List<(string Name, Node Node, Polynomial? Limit)> _all = [];

    public Node Add(string name, TensorType type, Polynomial? limit)
    {
        var node = region.Parameter(name, ParameterKind.Input, type);
        _all.Add((name, node, limit));
        return node;
    }

    /// <summary>The graph with the inputs first and nothing unused, and their descriptions.</summary>
    public ModelGraph Finish(Context context)
    {
        var graph = GraphCopy.WithParameters(context.Graph, _all.Select(i => i.Node).ToArray());
        var inputs = _all.Select(i => new Input(i.Name, i.Node.Type, i.Limit ?? LookupLimit(context.Graph, i.Node)));
        return new ModelGraph(graph, inputs.ToEquatableArray());
    }

    /// <summary>The rows of the table that these ids look up.</summary>
    private static Polynomial? LookupLimit(Graph graph, Node ids) =>
        graph.Nodes.FirstOrDefault(n => n.Is<Gather>() && ReferenceEquals(n.Inputs[1], ids))?.Inputs[0].Shape[0];
}
