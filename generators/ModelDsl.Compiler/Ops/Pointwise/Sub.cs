using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>sub (a, b)</c>: a - b; f32 or i32.</summary>
public sealed class Sub : BinaryPointwise
{
    public override string Name => "sub";
    protected override string Verb => "subtract";
    protected override double Evaluate(double a, double b, DType dtype) => a - b;

    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) => (gradient, -gradient);
}
