
namespace ModelDsl.Compiler.Ir;

/// <summary>
/// A call of an operation in a record's method, arguments by parameter name. Values are <see cref="Node"/> (tensors and
/// run-time scalars), <see cref="Polynomial"/> (ints), double, bool, string (an enum's member), and lists of
/// <see cref="Polynomial"/> or of <see cref="Node"/>. Arguments left out take the default of the signature.
/// </summary>
/// <param name="index">The layer index where the call stands in a repeat, null outside.</param>
public sealed class SurfaceCall(Graph graph, IReadOnlyDictionary<string, object> arguments, Node? index = null)
{
    public Graph Graph => graph;
    public Node? Index => index;
    public bool Has(string name) => arguments.ContainsKey(name);

    /// <summary>A tensor; a number becomes a scalar.</summary>
    public Value Tensor(string name) => arguments[name] is Node node ? graph.Of(node) : Scalar(name);

    /// <summary>A float: a constant, or a scalar node where it comes from a hyperparameter or a layer's index.</summary>
    public Value Scalar(string name, double otherwise = 0) => Argument(name, otherwise) switch
    {
        Node { Shape.Rank: 0 } node => Float(graph.Of(node)),
        double number => graph.Constant(number),
        Polynomial { IsConstant: true } number => graph.Constant(number.Value),
        Polynomial size => Float(graph.Size(size)),
        Node node => throw new ShapeException($"{name} is a single number, not {node.Type}"),
        var other => throw Wrong(name, "a number", other),
    };

    /// <summary>An int that may differ by layer, as an i32 scalar.</summary>
    public Value Integer(string name, long otherwise = 0) => Argument(name, Polynomial.Constant(otherwise)) switch
    {
        Node { Shape.Rank: 0, DType: DType.I32 } node => graph.Of(node),
        Polynomial { IsConstant: true } number => graph.Constant(number.Value, DType.I32),
        Polynomial size => graph.Size(size),
        var other => throw Wrong(name, "an int", other),
    };

    /// <summary>An int known to the compiler: a polynomial of the symbols.</summary>
    /// <exception cref="ShapeException">It differs by layer.</exception>
    public Polynomial Size(string name) => arguments[name] is Polynomial size ? size : throw Wrong(name, "an int of the model's sizes", arguments[name]);
    public Polynomial Size(string name, Polynomial otherwise) => Has(name) ? Size(name) : otherwise;

    /// <summary>A literal int, an axis for example.</summary>
    public int Literal(string name, int otherwise) => Has(name) ? Literal(name, Size(name)) : otherwise;

    /// <summary>Literal ints, the axes of a transpose for example.</summary>
    public int[] Literals(string name) => Sizes(name).Select(size => Literal(name, size)).ToArray();

    private static int Literal(string name, Polynomial size) => size.IsConstant && size.Value == (int)size.Value ? (int)size.Value
        : throw new ShapeException($"{name} takes numbers written out, not {size}");

    /// <summary>The attribute "axis" of an operation along one axis of a tensor, the last where none is given, counted from the front.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Attributes AxisOf(string tensor) => Attributes.None.With("axis", ShapeRules.Axis(Literal("axis", -1), Tensor(tensor).Rank, "reduce"));

    public bool Flag(string name, bool otherwise = false) => !Has(name) ? otherwise : arguments[name] as bool? ?? throw Wrong(name, "true or false", arguments[name]);

    public Polynomial[] Sizes(string name) => ((IEnumerable<object>)arguments[name]).Select(item => item as Polynomial ?? throw Wrong(name, "ints", item)).ToArray();
    public Value[] Tensors(string name) => ((IEnumerable<object>)arguments[name]).Select(item => graph.Of(item as Node ?? throw Wrong(name, "tensors", item))).ToArray();

    private static Value Float(Value x) =>
        x.DType == DType.F32 ? x : x.Apply(OperationTable.Get("cast"), Attributes.None.With("dtype", DType.F32.Name()));

    private object Argument(string name, object otherwise) => arguments.TryGetValue(name, out var found) ? found : otherwise;
    private static ShapeException Wrong(string name, string wanted, object got) => new($"{name} is {wanted}, not {got}");
}
