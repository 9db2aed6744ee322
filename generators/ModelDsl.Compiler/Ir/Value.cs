using ModelDsl.Compiler.Ops;

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

    public static Value operator +(Value a, Value b) => a.Apply("add", b);
    public static Value operator +(Value a, double b) => a + a.Number(b);
    public static Value operator +(double a, Value b) => b.Number(a) + b;
    public static Value operator -(Value a, Value b) => a.Apply("sub", b);
    public static Value operator -(Value a, double b) => a - a.Number(b);
    public static Value operator -(double a, Value b) => b.Number(a) - b;
    public static Value operator *(Value a, Value b) => a.Apply("mul", b);
    public static Value operator *(Value a, double b) => a * a.Number(b);
    public static Value operator *(double a, Value b) => b.Number(a) * b;
    public static Value operator /(Value a, Value b) => a.Apply("div", b);
    public static Value operator /(Value a, double b) => a / a.Number(b);
    public static Value operator /(double a, Value b) => b.Number(a) / b;
    public static Value operator -(Value a) => a.Apply("neg");

    /// <summary>A rank-0 constant of this tensor's type.</summary>
    public Value Number(double value) => graph.Constant(value, DType);

    /// <summary>The operation of this name on this and more.</summary>
    public Value Apply(string operation, params Value[] others) => Apply(operation, Attributes.None, others);

    public Value Apply(string operation, Attributes attributes, params Value[] others)
    {
        var inputs = new Node[others.Length + 1];
        inputs[0] = node;
        for (int i = 0; i < others.Length; i++) inputs[i + 1] = others[i];
        return new Value(graph, graph.Add(OperationTable.Get(operation), inputs, attributes));
    }
}
