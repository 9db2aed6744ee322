using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>where (mask, a, b)</c>: a where the bool mask holds, b elsewhere; the three broadcast, a and b are of one type.
/// What is not chosen does not matter, NaN included, here and in the gradient.
/// </summary>
public sealed class Where : Operation
{
    public override string Name => "where";
    public override bool IsPointwise => true;

    public override TensorType[] Infer(NodeView node)
    {
        ShapeRules.Expect(node.Inputs[0], Name, DType.Bool);
        ShapeRules.ExpectSame(node.Inputs[1], node.Inputs[2], Name);
        var values = ShapeRules.Broadcast(node.Inputs[1].Shape, node.Inputs[2].Shape, "choose between");
        return [new(node.Inputs[1].DType, ShapeRules.Broadcast(node.Inputs[0].Shape, values, "mask with"))];
    }

    public override double Evaluate(double[] arguments, DType operand, DType result) => arguments[0] != 0 ? arguments[1] : arguments[2];

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        Value mask = graph.Of(node.Inputs[0]), gradient = graph.Of(results[0]!), zero = gradient.Number(0);
        return [null, mask.Where(gradient, zero).SumTo(node.Inputs[1].Shape).Node, mask.Where(zero, gradient).SumTo(node.Inputs[2].Shape).Node];
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Where(Tensor mask, Tensor a, Tensor b)", "a where the mask (a comparison) holds, b elsewhere; all three broadcast.",
            call => call.Tensor("mask").Cast(DType.Bool).Where(call.Tensor("a"), call.Tensor("b"))),
        Method("Tensor Where(Tensor mask, Tensor a, float b)", "a where the mask (a comparison) holds, b elsewhere.",
            call => call.Tensor("mask").Cast(DType.Bool).Where(call.Tensor("a"), call.Tensor("b"))),
    ];

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("broadcast", x => x[0].Less(x[0].Number(0.1)).Where(x[1], x[2]), CaseInput.Floats("B", 1), CaseInput.Floats("C"), CaseInput.Floats("T", 1, 1)),
        OperationCase.Of("scalar", x => x[0].Less(x[0].Number(0)).Where(x[0].Number(0), x[0].Sqrt()), CaseInput.Range(0.1, 1, "B", "C")),
    ];
}
