using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// What reductions share: <c>{axes, keep}</c>: over the axes (ascending), which stay with size one where keep holds and go
/// otherwise. Elements are taken in row-major order.
/// </summary>
public abstract class Reduction : Operation
{
    protected abstract double Start { get; }
    protected abstract double Combine(double a, double b);
    protected abstract Value Derivative(Value x, Value kept, Value gradient);

    public override TensorType[] Infer(NodeView node)
    {
        var x = node.Inputs[0];
        ShapeRules.Expect(x, Name, DType.F32, DType.I32);
        int[] axes = node.Attributes.Integers("axes");
        foreach (int axis in axes) ShapeRules.Axis(axis, x.Shape.Rank, "reduce");
        var kept = Kept(x.Shape, axes);
        return [new(x.DType, node.Attributes.Get<bool>("keep") ? kept : new Shape(x.Shape.Sizes.Where((_, a) => !axes.Contains(a))))];
    }

    public override DecodeRule Decode(Node node) => TokenAxis.Unless(node, node.Attributes.Integers("axes").Contains);

    public override double[][] Interpret(InterpretCall call)
    {
        int[] axes = call.Node.Attributes.Integers("axes");
        var kept = call.InputShapes[0].Select((size, a) => axes.Contains(a) ? 1 : size).ToArray();
        var result = Enumerable.Repeat(Start, RowMajor.Count(kept)).ToArray();
        int[] places = RowMajor.Broadcast(kept, call.InputShapes[0]);
        for (int e = 0; e < places.Length; e++) result[places[e]] = Combine(result[places[e]], call.Inputs[0][e]);
        return [result];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        var x = graph.Of(node.Inputs[0]);
        var kept = Kept(x.Shape, node.Attributes.Integers("axes"));
        return [Derivative(x, graph.Of(node).Reshape(kept), graph.Of(results[0]!).Reshape(kept)).Node];
    }

    private static Shape Kept(Shape shape, int[] axes) => new(shape.Sizes.Select((size, a) => axes.Contains(a) ? Polynomial.One : size));

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("last, kept", x => x[0] * x[0].Apply(this, Attributes.None.With("axes", new EquatableArray<long>([2])).With("keep", true)), CaseInput.Floats("B", "T", "C")),
        OperationCase.Of("leading", x => x[0].Apply(this, Attributes.None.With("axes", new EquatableArray<long>([0, 1])).With("keep", false)).Sin(), CaseInput.Floats("B", "T", "C")),
    ];
}
