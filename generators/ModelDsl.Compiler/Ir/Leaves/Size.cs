
namespace ModelDsl.Compiler.Ir;

/// <summary><c>size {value}</c>: a polynomial of the symbols as a number, i32, rank 0.</summary>
public sealed class Size : Operation
{
    public override string Name => "size";
    public override TensorType[] Infer(NodeView node) => [new(DType.I32, Shape.Scalar)];
    public override DecodeRule Decode(Node node) => TokenAxis.Has(node.Attributes.Get<Polynomial>("value")) ? DecodeRule.Unsupported : DecodeRule.PerToken;

    public override double[][] Interpret(InterpretCall call) => [[call.Size("value")]];
}
