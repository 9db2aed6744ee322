
namespace ModelDsl.Compiler.Ir;

/// <summary><c>constant {value, dtype}</c>: one number, rank 0. Bools are 0 and 1.</summary>
public sealed class Constant : Operation
{
    public override string Name => "constant";
    public override TensorType[] Infer(NodeView node) => [new(node.Attributes.DTypeOf(), Shape.Scalar)];
    public override double[][] Interpret(InterpretCall call) => [[call.Node.Attributes.Get<double>("value")]];
}
