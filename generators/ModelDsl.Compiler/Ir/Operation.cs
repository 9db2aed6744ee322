using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

/// <summary>
/// Everything about one operation, in one file: shape rule, meaning, gradient, float64 interpretation, lowering, its face
/// in the DSL, and the cases that drive its tests. Subclasses are discovered; nothing else lists them.
/// </summary>
/// <remarks>
/// A primitive overrides <see cref="Interpret"/>. A fast operation overrides <see cref="Decompose"/>: its meaning in
/// primitives, from which interpretation and gradient follow where it has no faster gradient of its own. A composition is
/// such a formula and nothing more: a pass puts the formula in its place before anything else is done with the graph.
/// </remarks>
public abstract class Operation
{
    /// <summary>Its name in the text form: "exp", "matmul".</summary>
    public abstract string Name { get; }

    /// <summary>The types of its results.</summary>
    /// <exception cref="ShapeException">The inputs do not fit.</exception>
    public virtual TensorType[] Infer(NodeView node) => throw new NotSupportedException($"{Name} has no shape rule");

    /// <summary>What its results are called where they are named.</summary>
    public virtual IReadOnlyList<string> ResultNames => [Name];

    /// <summary>Whether a result element depends on the input elements at the same (broadcast) place alone.</summary>
    public virtual bool IsPointwise => false;

    /// <summary>Whether a result is another reading of its input's memory.</summary>
    public virtual bool IsView => false;

    /// <summary>Its meaning in other operations; null for a primitive. One node a result.</summary>
    public virtual IReadOnlyList<Node>? Decompose(Graph graph, Node node) => null;

    /// <summary>
    /// Gradients with respect to each input (null: none flows), given those of each result (null: none arrived).
    /// </summary>
    public virtual IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        throw new NotSupportedException($"{Name} has no gradient");

    /// <summary>Float64 value of one element of a pointwise operation; bools are 0 and 1.</summary>
    /// <param name="operand">The type of the first argument.</param>
    public virtual double Evaluate(double[] arguments, DType operand, DType result) => throw new NotSupportedException($"{Name} is not pointwise");

    /// <summary>Float64 meaning of a primitive: one array a result, row-major. Sizes are concrete.</summary>
    public virtual double[][] Interpret(InterpretCall call) =>
        IsPointwise ? [call.Elementwise()] : throw new NotSupportedException($"{Name} is not a primitive");

    /// <summary>What becomes of it where tokens arrive a few at a time; see <see cref="TokenAxis"/>.</summary>
    public virtual DecodeRule Decode(Node node) =>
        node.Inputs.Count == 0 || IsPointwise && TokenAxis.IsAligned(node) ? DecodeRule.PerToken : DecodeRule.Unsupported;

    /// <summary>Sizes that must divide others for the node to have a meaning, beyond the quotients in its shapes.</summary>
    public virtual IEnumerable<Quotient> Divisions(Node node) => [];

    /// <summary>The operation that takes its place in a decode step, where <see cref="Decode"/> says <see cref="DecodeRule.Stateful"/>.</summary>
    /// <remarks>
    /// It has the same inputs and two i32 scalars more: start, the position of the first new token, and layer, the index into
    /// its states; and an attribute "state", the prefix of their names.
    /// </remarks>
    public virtual Operation? DecodeStep => null;

    /// <summary>What one layer and sequence keeps from step to step; for operations of decode graphs.</summary>
    public virtual IReadOnlyList<StateSpec> States(Node node) => [];

    /// <summary>Its methods in ModelDsl.Ops; empty where it cannot be called.</summary>
    public virtual IReadOnlyList<SurfaceMethod> Surface => [];

    /// <summary>Test cases by example: see <see cref="OperationCase"/>.</summary>
    public virtual IEnumerable<OperationCase> Cases => [];

    protected static SurfaceMethod Method(string signature, string documentation, Func<SurfaceCall, Value> build) =>
        new(signature, documentation, call => build(call).Node);
}

/// <summary>A method of the DSL's facade.</summary>
/// <param name="Signature">"Tensor Softmax(Tensor x, int axis = -1)": C#, as the facade prints it.</param>
/// <param name="Documentation">The summary, one or more lines, with the shapes.</param>
/// <param name="Build">Makes the nodes of a call: a <see cref="Node"/>, or an array of them for a tuple.</param>
public sealed record SurfaceMethod(string Signature, string Documentation, Func<SurfaceCall, object> Build)
{
    /// <summary>"Softmax".</summary>
    public string Name { get; } = Signature.Substring(0, Signature.LastIndexOf('(')).Split(' ').Last();
}

/// <summary>What a primitive's interpretation sees: concrete shapes and values.</summary>
/// <param name="Seed">With <paramref name="Step"/>: the key of random numbers.</param>
public sealed record InterpretCall(
    Node Node, IReadOnlyList<double[]> Inputs, IReadOnlyList<long[]> InputShapes, IReadOnlyList<long[]> ResultShapes,
    IReadOnlyDictionary<string, long> Symbols, ulong Seed = 0, long Step = 0)
{
    /// <summary>What is kept from one evaluation to the next, by name: the caches of a graph for inference.</summary>
    public IDictionary<string, double[]> Memory { get; init; } = new Dictionary<string, double[]>();

    /// <summary>The name in <see cref="Memory"/> of a state of this node's layer; for decode steps.</summary>
    public string State(string role) => StateName($"{Node.Attributes.Get<string>("state")}.{role}", (long)Inputs[Inputs.Count - 1][0]);

    public static string StateName(string slot, long layer) => $"{slot} {layer}";

    /// <summary>The elements of a pointwise operation, its inputs broadcast.</summary>
    public double[] Elementwise()
    {
        var places = InputShapes.Select(shape => RowMajor.Broadcast(shape, ResultShapes[0])).ToArray();
        var arguments = new double[places.Length];
        var result = new double[RowMajor.Count(ResultShapes[0])];
        for (int e = 0; e < result.Length; e++)
        {
            for (int i = 0; i < arguments.Length; i++) arguments[i] = Inputs[i][places[i][e]];
            result[e] = Node.Operation.Evaluate(arguments, Node.Inputs[0].DType, Node.DType);
        }
        return result;
    }

    public long Size(string attribute) => Node.Attributes.Get<Polynomial>(attribute).Evaluate(Symbols);
}

/// <summary>One example: builds a graph from inputs of the given shapes; tests drive every layer of proof from it.</summary>
/// <param name="Inputs">Names and types of its inputs; integer inputs are drawn below <see cref="CaseInput.Limit"/>.</param>
/// <param name="Build">From the inputs to one or more results.</param>
public sealed record OperationCase(string Name, EquatableArray<CaseInput> Inputs, Func<Graph, IReadOnlyList<Node>, IReadOnlyList<Node>> Build)
{
    /// <summary>A case of one result.</summary>
    public static OperationCase Of(string name, Func<Value[], Value> build, params CaseInput[] inputs) =>
        new(name, inputs, (graph, nodes) => [build(nodes.Select(n => graph.Of(n)).ToArray())]);
}

/// <param name="Low">Float inputs are drawn from [Low, High).</param>
public sealed record CaseInput(TensorType Type, long Limit = 0, double Low = -1, double High = 1)
{
    /// <summary>Floats of this shape; sizes are symbols or numbers.</summary>
    public static CaseInput Floats(params object[] sizes) => new(new TensorType(DType.F32, ShapeOf(sizes)));
    public static CaseInput Range(double low, double high, params object[] sizes) => new(new TensorType(DType.F32, ShapeOf(sizes)), 0, low, high);

    /// <summary>Integers in [0, limit).</summary>
    public static CaseInput Integers(long limit, params object[] sizes) => new(new TensorType(DType.I32, ShapeOf(sizes)), limit);

    private static Shape ShapeOf(object[] sizes) =>
        new(sizes.Select(s => s is string name ? Polynomial.Symbol(name) : s is Polynomial p ? p : Polynomial.Constant(Convert.ToInt64(s))));
}
