
namespace ModelDsl.Compiler.Ir;

/// <summary>
/// <c>index</c>: the layer index of the surrounding scan, i32, rank 0: 0 to count - 1 in layer order, also where the scan
/// runs in reverse. An inner scan gets the outer index as a shared value.
/// </summary>
public sealed class LayerIndex : Operation
{
    public override string Name => "index";
    public override TensorType[] Infer(NodeView node) => [new(DType.I32, Shape.Scalar)];
}
