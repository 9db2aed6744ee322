using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// What functions of two elements share: both of one type, shapes broadcast as in numpy (aligned at the last axis, a size
/// of one repeats), NaN in either gives NaN unless said otherwise.
/// </summary>
public abstract class BinaryPointwise : Operation
{
    public sealed override bool IsPointwise => true;

    /// <summary>"add": for "cannot add [B, T] and [C]".</summary>
    protected virtual string Verb => Name;

    protected virtual DType[] Accepted => [DType.F32, DType.I32];
    protected virtual DType ResultType(DType operands) => operands;
    protected abstract double Evaluate(double a, double b, DType dtype);

    /// <summary>Contributions to both operands in the shape of the result, given its gradient; null where none flows.</summary>
    protected abstract (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient);

    public override TensorType[] Infer(NodeView node)
    {
        ShapeRules.Expect(node.Inputs[0], Name, Accepted);
        ShapeRules.ExpectSame(node.Inputs[0], node.Inputs[1], Name);
        return [new(ResultType(node.Inputs[0].DType), ShapeRules.Broadcast(node.Inputs[0].Shape, node.Inputs[1].Shape, Verb))];
    }

    public sealed override double Evaluate(double[] arguments, DType operand, DType result) => Evaluate(arguments[0], arguments[1], operand);

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        Value a = graph.Of(node.Inputs[0]), b = graph.Of(node.Inputs[1]);
        var (da, db) = Derivatives(a, b, graph.Of(node), graph.Of(results[0]!));
        return [da?.SumTo(a.Shape).Node, db?.SumTo(b.Shape).Node];
    }

    /// <summary>A method of the facade for two tensors, and one for a tensor and a number.</summary>
    protected IReadOnlyList<SurfaceMethod> Faces(string name, string documentation) =>
    [
        Method($"Tensor {name}(Tensor a, Tensor b)", documentation, call => call.Tensor("a").Apply(this, call.Tensor("b"))),
        Method($"Tensor {name}(Tensor a, float b)", documentation, call => call.Tensor("a").Apply(this, call.Tensor("b"))),
    ];

    protected virtual (double Low, double High) Domain => (0.5, 2);

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("same shape", x => x[0].Apply(this, x[1]), CaseInput.Range(Domain.Low, Domain.High, "B", "C"), CaseInput.Range(Domain.Low, Domain.High, "B", "C")),
        OperationCase.Of("row and column", x => x[0].Apply(this, x[1]), CaseInput.Range(Domain.Low, Domain.High, "B", 1), CaseInput.Range(Domain.Low, Domain.High, "T", 1, "C")),
    ];
}
