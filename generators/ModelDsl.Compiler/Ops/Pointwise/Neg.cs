using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>neg (x)</c>: -x; f32 or i32.</summary>
public sealed class Neg : UnaryPointwise
{
    public override string Name => "neg";
    protected override double Evaluate(double x) => -x;
    protected override Value Derivative(Value x, Value y) => x.Number(-1);
    protected override DType[] Accepted => [DType.F32, DType.I32];
}
