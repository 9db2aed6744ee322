using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// What functions of one element share: the result has the input's shape and type; NaN gives NaN unless said otherwise.
/// </summary>
public abstract class UnaryPointwise : Operation
{
    public sealed override bool IsPointwise => true;

    /// <summary>The function itself.</summary>
    protected abstract double Evaluate(double x);

    /// <summary>Its derivative at x, where y is its value there.</summary>
    protected abstract Value Derivative(Value x, Value y);

    protected virtual DType[] Accepted => [DType.F32];

    public override TensorType[] Infer(NodeView node)
    {
        ShapeRules.Expect(node.Inputs[0], Name, Accepted);
        return [node.Inputs[0].Type];
    }

    public sealed override double Evaluate(double[] arguments, DType operand, DType result) => Evaluate(arguments[0]);

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [graph.Of(results[0]!) * Derivative(graph.Of(node.Inputs[0]), graph.Of(node))];

    /// <summary>One method of the facade with one tensor.</summary>
    protected SurfaceMethod Face(string name, string documentation) =>
        Method($"Tensor {name}(Tensor x)", documentation, call => call.Tensor("x").Apply(this));

    /// <summary>Inputs for which the function is smooth.</summary>
    protected virtual (double Low, double High) Domain => (-2, 2);

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("matrix", x => x[0].Apply(this), CaseInput.Range(Domain.Low, Domain.High, "B", "C"))];
}
