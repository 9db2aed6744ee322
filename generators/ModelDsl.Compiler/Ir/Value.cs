
namespace ModelDsl.Compiler.Ir;

/// <summary>
/// A node together with its graph, so that meanings and gradients read as formulas: <c>p * (dp - (p * dp).Sum(-1))</c>.
/// Numbers on either side of an operator become constants of the tensor's type.
/// </summary>
public readonly struct Value(Graph graph, Node node)
{
    public Graph Graph => graph;
    public Node Node => node;
    public Shape Shape => node.Shape;
    public DType DType => node.DType;
    public int Rank => node.Shape.Rank;

    public static implicit operator Node(Value value) => value.Node;

    /// <summary>The operation on this and more.</summary>
    public Value Apply<T>(params Value[] others) where T : Operation => Apply(OperationTable.Get<T>(), Attributes.None, others);

    public Value Apply<T>(Attributes attributes, params Value[] others) where T : Operation => Apply(OperationTable.Get<T>(), attributes, others);

    public Value Apply(Operation operation, params Value[] others) => Apply(operation, Attributes.None, others);

    public Value Apply(Operation operation, Attributes attributes, params Value[] others)
    {
        var inputs = new Node[others.Length + 1];
        inputs[0] = node;
        for (int i = 0; i < others.Length; i++) inputs[i + 1] = others[i];
        return new Value(graph, graph.Add(operation, inputs, attributes));
    }
}
