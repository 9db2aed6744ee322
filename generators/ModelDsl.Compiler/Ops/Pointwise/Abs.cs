using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>abs (x)</c>: magnitude; f32 or i32. The derivative at 0 is taken as 1.</summary>
public sealed class Abs : UnaryPointwise
{
    public override string Name => "abs";
    protected override double Evaluate(double x) => Math.Abs(x);
    protected override Value Derivative(Value x, Value y) => x.Less(x.Number(0)).Where(x.Number(-1), x.Number(1));
    protected override DType[] Accepted => [DType.F32, DType.I32];
    protected override (double Low, double High) Domain => (0.25, 4);
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Abs", "Magnitude, elementwise.")];
}
