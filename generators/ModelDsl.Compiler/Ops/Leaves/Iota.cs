using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops.Leaves;

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
    ];

    public override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("middle axis", x => x[0].Graph.Iota(x[0].Shape, 1).Cast(DType.F32) * x[0], CaseInput.Floats("B", "T", "C")),
    ];
}
