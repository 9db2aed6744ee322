using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>not (x)</c>: negation of a bool; no gradient.</summary>
public sealed class Not : Operation
{
    public override string Name => "not";
    public override bool IsPointwise => true;

    public override TensorType[] Infer(NodeView node)
    {
        ShapeRules.Expect(node.Inputs[0], Name, DType.Bool);
        return [node.Inputs[0].Type];
    }

    public override double Evaluate(double[] arguments, DType operand, DType result) => arguments[0] == 0 ? 1 : 0;
    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) => [null];

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("choose", x => x[0].Less(x[1]).Not().Where(x[0], x[1]), CaseInput.Floats("B", "C"), CaseInput.Floats("B", "C"))];
}
