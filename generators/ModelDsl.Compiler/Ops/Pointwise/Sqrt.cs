using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>sqrt (x)</c>: square root; NaN below 0.</summary>
public sealed class Sqrt : UnaryPointwise
{
    public override string Name => "sqrt";
    protected override double Evaluate(double x) => Math.Sqrt(x);
    protected override Value Derivative(Value x, Value y) => 0.5 / y;
    protected override (double Low, double High) Domain => (0.25, 4);
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Sqrt", "Square root, elementwise; NaN below 0.")];
}
