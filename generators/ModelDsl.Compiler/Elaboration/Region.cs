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
    public Node Weight(string name, Shape shape) => Graph.Parameter(name, "weight", new TensorType(DType.F32, shape));

    /// <summary>The node in this region that has the value of a node of this or a surrounding region.</summary>
    public Node Use(Node node)
    {
        if (node.Id < Graph.Nodes.Count && ReferenceEquals(Graph.Nodes[node.Id], node)) return node;
        if (parent is null) throw new InvalidOperationException($"{node} belongs to no surrounding region");
        node = parent.Use(node);
        if (_shared.TryGetValue(node, out var known)) return known;
        var inner = IsClosedScalar(node) ? node.CopyTo(Graph, node.Inputs.Select(Use).ToArray())
            : Parameter(NameOf(node), "shared", node.Type);
        if (inner.Is<Parameter>()) Shared.Add((node, inner));
        _shared.Add(node, inner);
        return inner;
    }

    /// <summary>The slice at the repeat's index of a tensor that is stacked over its layers.</summary>
    public Node Slice(Node stacked, string name)
    {
        if (_slices.TryGetValue(stacked, out var known)) return known;
        var inner = Parameter(name, "slice", new TensorType(stacked.DType, new Shape(stacked.Shape.Sizes.Skip(1))));
        Slices.Add((stacked, inner));
        _slices.Add(stacked, inner);
        return inner;
    }

    /// <summary>A number made of constants and hyperparameters: written again in a body rather than handed in.</summary>
    private static bool IsClosedScalar(Node node) => node.Types.Count == 1 && node.Shape.Rank == 0
        && (node.Inputs.Count > 0 ? node.Inputs.All(IsClosedScalar) : node.Is<Constant>() || node.Is<Hyper>() || node.Is<Size>());

    private static string NameOf(Node node) => node.Is<Parameter>() ? node.Attributes.Get<string>("name")
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
