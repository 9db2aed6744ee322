using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>stopgradient (x)</c>: x, through which no gradient flows. Gone after differentiation.</summary>
public sealed class StopGradient : Operation
{
    public override string Name => "stopgradient";
    public override bool IsPointwise => true;
    public override TensorType[] Infer(NodeView node) => [node.Inputs[0].Type];
    public override double Evaluate(double[] arguments, DType operand, DType result) => arguments[0];
    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) => [null];

    public override IReadOnlyList<SurfaceMethod> Surface =>
        [Method("Tensor StopGradient(Tensor x)", "x, as a constant to the gradient.", call => call.Tensor("x").StopGradient())];
}
