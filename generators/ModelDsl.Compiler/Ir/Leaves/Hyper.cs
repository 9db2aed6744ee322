
namespace ModelDsl.Compiler.Ir;

/// <summary><c>hyper {name}</c>: a float hyperparameter of the model, f32, rank 0; no gradient flows to it.</summary>
public sealed class Hyper : Operation
{
    public override string Name => "hyper";
    public override TensorType[] Infer(NodeView node) => [new(DType.F32, Shape.Scalar)];
}
