using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>reciprocal (x)</c>: 1 / x; infinity at 0.</summary>
public sealed class Reciprocal : UnaryPointwise
{
    public override string Name => "reciprocal";
    protected override double Evaluate(double x) => 1 / x;
    protected override Value Derivative(Value x, Value y) => -(y * y);
    protected override (double Low, double High) Domain => (0.25, 4);
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Reciprocal", "1 / x, elementwise; infinity at 0.")];
}
