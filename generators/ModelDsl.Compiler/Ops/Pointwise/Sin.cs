using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>sin (x)</c>: sine of an angle in radians.</summary>
public sealed class Sin : UnaryPointwise
{
    public override string Name => "sin";
    protected override double Evaluate(double x) => Math.Sin(x);
    protected override Value Derivative(Value x, Value y) => x.Cos();
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Sin", "Sine, elementwise; radians.")];
}
