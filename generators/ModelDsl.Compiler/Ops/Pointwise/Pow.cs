using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>pow (a, b)</c>: a to the b, f32; NaN for a negative a unless b is whole.</summary>
public sealed class Pow : BinaryPointwise
{
    public override string Name => "pow";
    protected override string Verb => "raise to a power";
    protected override DType[] Accepted => [DType.F32];
    protected override double Evaluate(double a, double b, DType dtype) => Math.Pow(a, b);

    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) =>
        (gradient * b * a.Pow(b - 1), gradient * y * a.Log());

    public override IReadOnlyList<SurfaceMethod> Surface => Faces("Pow", "a to the power b, elementwise, broadcasting.");
}
