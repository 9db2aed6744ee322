using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>log (x)</c>: natural logarithm; -infinity at 0, NaN below.</summary>
public sealed class Log : UnaryPointwise
{
    public override string Name => "log";
    protected override double Evaluate(double x) => Math.Log(x);
    protected override Value Derivative(Value x, Value y) => x.Reciprocal();
    protected override (double Low, double High) Domain => (0.25, 4);
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Log", "Natural logarithm, elementwise; -infinity at 0, NaN below.")];
}
