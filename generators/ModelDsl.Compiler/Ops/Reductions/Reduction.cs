using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;

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

    public override bool Accumulates => Name == "sum";

    /// <summary>
    /// Where it is no part of a kernel: run by run of neighbouring axes, the innermost first. (Over the last axis, or over
    /// all but the last, a kernel does it.)
    /// </summary>
    public override bool Lower(LowerCall call)
    {
        var sizes = call.Node.Inputs[0].Shape.Sizes.ToList();
        var axes = call.Node.Attributes.Integers("axes").ToList();
        var source = call.Input(0, sizes.Count);
        while (axes.Count > 0)
        {
            int last = axes[axes.Count - 1], first = last;
            while (axes.Contains(first - 1)) first--;
            axes.RemoveAll(a => a >= first);
            Polynomial outer = new Shape(sizes.Take(first)).Count, inner = new Shape(sizes.Skip(last + 1)).Count;
            var destination = axes.Count == 0 ? call.Result(0, call.Node.Shape.Rank) : call.Scratch("partlyReduced", new Shape(outer, inner));
            call.Launch("ReduceAxis", outer,
                LowerCall.Pointer("Source", source), LowerCall.Pointer("Destination", destination),
                LowerCall.Size("Reduced", new Shape(sizes.Skip(first).Take(last + 1 - first)).Count), LowerCall.Size("Inner", inner),
                LowerCall.Text("Maximum", Name == "sum" ? "false" : "true"), LowerCall.Accumulate(axes.Count == 0 ? call.Accumulation : Accumulation.Overwrite));
            sizes.RemoveRange(first, last + 1 - first);
            source = destination;
        }
        return true;
    }
}
