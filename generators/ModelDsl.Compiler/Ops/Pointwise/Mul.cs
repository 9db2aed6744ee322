using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>mul (a, b)</c>: a * b; f32 or i32.</summary>
public sealed class Mul : BinaryPointwise
{
    public override string Name => "mul";
    protected override string Verb => "multiply elementwise";
    protected override double Evaluate(double a, double b, DType dtype) => a * b;

    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) => (gradient * b, gradient * a);
}
