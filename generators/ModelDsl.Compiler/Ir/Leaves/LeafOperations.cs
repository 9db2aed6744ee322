namespace ModelDsl.Compiler.Ir;

/// <summary>The leaves of a graph, and the results of its nodes, as values.</summary>
public static class LeafOperations
{
    public static Value Of(this Graph graph, Node node) => new(graph, node);

    public static Value Constant(this Graph graph, double value, DType dtype = DType.F32) =>
        graph.Leaf<Constant>(Attributes.None.With("value", value).With("dtype", dtype.Name()));

    /// <summary>A size as an i32 scalar.</summary>
    public static Value Size(this Graph graph, Polynomial value) => graph.Leaf<Size>(Attributes.None.With("value", value));

    /// <summary>A rank-0 constant of this tensor's type.</summary>
    public static Value Number(this Value x, double value) => x.Graph.Constant(value, x.DType);

    /// <summary>The layer index of the surrounding scan.</summary>
    public static Value Index(this Graph graph) => graph.Leaf<LayerIndex>(Attributes.None);

    public static Value Hyper(this Graph graph, string name) => graph.Leaf<Hyper>(Attributes.None.With("name", name));

    /// <param name="kind">See <see cref="ParameterKind"/>.</param>
    public static Value Parameter(this Graph graph, string name, string kind, TensorType type) => graph.Leaf<Parameter>(
        Attributes.None.With("name", name).With("kind", kind).With("dtype", type.DType.Name()).With("shape", type.Shape));

    /// <summary>One result of a node of several, or of a scan.</summary>
    public static Value Output(this Graph graph, Node node, int index) =>
        graph.Of(graph.Add(OperationTable.Get<Output>(), [node], Attributes.None.With("index", index)));

    internal static Value Leaf<T>(this Graph graph, Attributes attributes) where T : Operation =>
        graph.Of(graph.Add(OperationTable.Get<T>(), [], attributes));
}
