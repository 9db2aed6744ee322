using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>add (a, b)</c>: a + b; f32 or i32.</summary>
public sealed class Add : BinaryPointwise
{
    public override string Name => "add";
    protected override double Evaluate(double a, double b, DType dtype) => a + b;

    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) => (gradient, gradient);
}
