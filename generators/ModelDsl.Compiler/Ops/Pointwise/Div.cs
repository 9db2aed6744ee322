using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>div (a, b)</c>: a / b; i32 drops the fraction, as in C#.</summary>
public sealed class Div : BinaryPointwise
{
    public override string Name => "div";
    protected override string Verb => "divide";
    protected override double Evaluate(double a, double b, DType dtype) => dtype == DType.I32 ? Math.Truncate(a / b) : a / b;

    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) => (gradient / b, -(gradient * y / b));
}
