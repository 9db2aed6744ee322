using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>cast {dtype} (x)</c>: f32 to i32 drops the fraction; bool to a number is 0 or 1; a number to bool is x != 0. The
/// gradient passes between f32 and f32 alone, so a cast from or to integers stops it.
/// </summary>
public sealed class Cast : Operation
{
    public override string Name => "cast";
    public override bool IsPointwise => true;
    public override TensorType[] Infer(NodeView node) => [new(node.Attributes.DTypeOf(), node.Inputs[0].Shape)];
    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [node.DType == DType.F32 && node.Inputs[0].DType == DType.F32 ? results[0] : null];

    public override double Evaluate(double[] arguments, DType operand, DType result) =>
        result == DType.I32 ? Math.Truncate(arguments[0]) : result == DType.Bool ? (arguments[0] != 0 ? 1 : 0) : arguments[0];

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("integers", x => x[0].Cast(DType.F32) * x[1], CaseInput.Integers(9, "C"), CaseInput.Floats("B", "C")),
        OperationCase.Of("mask", x => x[0].Less(x[0].Number(0)).Cast(DType.F32) * x[0], CaseInput.Floats("B", "C")),
        OperationCase.Of("truncate", x => x[0].Cast(DType.I32).Cast(DType.F32) * x[1], CaseInput.Range(1.1, 1.9, "C"), CaseInput.Floats("C")),
    ];
}
