using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>max (a, b)</c>: the larger; f32 or i32. At a tie the gradient goes to a.</summary>
public sealed class Max : BinaryPointwise
{
    public override string Name => "max";
    protected override string Verb => "take the maximum of";
    protected override double Evaluate(double a, double b, DType dtype) => double.IsNaN(a) || a >= b ? a : b;

    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) =>
        (a.Less(b).Where(gradient.Number(0), gradient), a.Less(b).Where(gradient, gradient.Number(0)));

    public override IReadOnlyList<SurfaceMethod> Surface => Faces("Maximum", "The larger of two, elementwise, broadcasting.");
}
