using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>rsqrt (x)</c>: 1 / sqrt(x); infinity at 0, NaN below.</summary>
public sealed class Rsqrt : UnaryPointwise
{
    public override string Name => "rsqrt";
    protected override double Evaluate(double x) => 1 / Math.Sqrt(x);
    protected override Value Derivative(Value x, Value y) => -0.5 * (y * y * y);
    protected override (double Low, double High) Domain => (0.25, 4);
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Rsqrt", "1 / Sqrt(x), elementwise; infinity at 0, NaN below.")];
}
