using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>cos (x)</c>: cosine of an angle in radians.</summary>
public sealed class Cos : UnaryPointwise
{
    public override string Name => "cos";
    protected override double Evaluate(double x) => Math.Cos(x);
    protected override Value Derivative(Value x, Value y) => -x.Sin();
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Cos", "Cosine, elementwise; radians.")];
}
