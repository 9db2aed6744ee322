using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>min (a, b)</c>: the smaller; f32 or i32. At a tie the gradient goes to a.</summary>
public sealed class Min : BinaryPointwise
{
    public override string Name => "min";
    protected override string Verb => "take the minimum of";
    protected override double Evaluate(double a, double b, DType dtype) => double.IsNaN(a) || a <= b ? a : b;

    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) =>
        (b.Less(a).Where(gradient.Number(0), gradient), b.Less(a).Where(gradient, gradient.Number(0)));

    public override IReadOnlyList<SurfaceMethod> Surface => Faces("Minimum", "The smaller of two, elementwise, broadcasting.");
}
