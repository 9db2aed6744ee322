using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>scatteradd {count} (ids, updates)</c>: a table of zeros [count, C] to whose row ids[i] row i of updates [..., C] is
/// added, in the order of i; what a gather's gradient is. Ids outside [0, count) are an error of the caller.
/// </summary>
public sealed class ScatterAdd : Operation
{
    public override string Name => "scatteradd";

    public override TensorType[] Infer(NodeView node)
    {
        Node ids = node.Inputs[0], updates = node.Inputs[1];
        ShapeRules.Expect(ids, Name, DType.I32);
        if (updates.Shape.Rank != ids.Shape.Rank + 1 || !updates.Shape.Sizes.Take(ids.Shape.Rank).SequenceEqual(ids.Shape.Sizes))
            throw new ShapeException($"cannot scatter {updates.Shape} by {ids.Shape}: there is one id for each row");
        return [new(updates.DType, new Shape(node.Attributes.SizeOf("count"), updates.Shape[-1]))];
    }

    public override double[][] Interpret(InterpretCall call)
    {
        int columns = (int)call.ResultShapes[0][1];
        var result = new double[RowMajor.Count(call.ResultShapes[0])];
        for (int e = 0; e < call.Inputs[1].Length; e++) result[(int)call.Inputs[0][e / columns] * columns + e % columns] += call.Inputs[1][e];
        return [result];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [null, graph.Of(results[0]!).Gather(graph.Of(node.Inputs[0])).Node];

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("repeated ids", x => x[0].Apply(this, Attributes.None.With("count", Polynomial.Constant(5)), x[1]).Sin(), CaseInput.Integers(5, "B", "T"), CaseInput.Floats("B", "T", "C")),
    ];
}
