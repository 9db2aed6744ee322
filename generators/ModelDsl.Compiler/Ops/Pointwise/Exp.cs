using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>exp (x)</c>: e to the x; overflow gives infinity.</summary>
public sealed class Exp : UnaryPointwise
{
    public override string Name => "exp";
    protected override double Evaluate(double x) => Math.Exp(x);
    protected override Value Derivative(Value x, Value y) => y;
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Exp", "e to the power x, elementwise.")];
}
