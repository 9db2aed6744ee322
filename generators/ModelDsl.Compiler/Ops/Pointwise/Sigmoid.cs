using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>sigmoid (x)</c>: 1 / (1 + e^-x), without overflow.</summary>
public sealed class Sigmoid : UnaryPointwise
{
    public override string Name => "sigmoid";
    protected override double Evaluate(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));
    protected override Value Derivative(Value x, Value y) => y * (1 - y);
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Sigmoid", "1 / (1 + Exp(-x)), elementwise.")];
}
