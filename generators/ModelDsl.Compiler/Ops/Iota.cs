using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>iota {shape, axis}</c>: each element is its own coordinate along the axis, i32.</summary>
public sealed class Iota : Operation
{
    public override string Name => "iota";

    public override TensorType[] Infer(NodeView node)
    {
        var shape = node.Attributes.ShapeOf();
        ShapeRules.Axis(node.Attributes.Int("axis"), shape.Rank, "count");
        return [new(DType.I32, shape)];
    }

    public override double[][] Interpret(InterpretCall call)
    {
        var shape = call.ResultShapes[0];
        int axis = call.Node.Attributes.Int("axis");
        return [RowMajor.Places(shape, shape.Select((_, a) => a == axis ? 1L : 0).ToArray()).Select(p => (double)p).ToArray()];
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tokens Positions(Tokens tokens)", "The positions 0, 1, ..., T - 1 of tokens [B, T]: int [T].",
            call => call.Graph.Iota(new Shape(call.Tensor("tokens").Shape[-1]), 0)),
        Method("Tokens Positions(Tensor x)", "The positions 0, 1, ..., T - 1 along the second axis of x [B, T, ...]: int [T].", call =>
        {
            var shape = call.Tensor("x").Shape;
            return shape.Rank >= 2 ? call.Graph.Iota(new Shape(shape[1]), 0) : throw new ShapeException($"{shape} has no second axis to count positions along");
        }),
    ];

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("middle axis", x => x[0].Graph.Iota(x[0].Shape, 1).Cast(DType.F32) * x[0], CaseInput.Floats("B", "T", "C")),
    ];
}
