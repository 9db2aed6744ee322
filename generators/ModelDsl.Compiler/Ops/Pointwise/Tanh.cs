using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>tanh (x)</c>: hyperbolic tangent.</summary>
public sealed class Tanh : UnaryPointwise
{
    public override string Name => "tanh";
    protected override double Evaluate(double x) => Math.Tanh(x);
    protected override Value Derivative(Value x, Value y) => 1 - y * y;
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Tanh", "Hyperbolic tangent, elementwise.")];
}
