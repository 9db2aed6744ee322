using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>reducemax {axes, keep} (x)</c>: the largest over the axes; NaN where there is one. Elements that tie share the
/// gradient equally.
/// </summary>
public sealed class ReduceMax : Reduction
{
    public override string Name => "reducemax";
    protected override double Start => double.NegativeInfinity;
    protected override double Combine(double a, double b) => double.IsNaN(a) || a >= b ? a : b;

    protected override Value Derivative(Value x, Value kept, Value gradient)
    {
        var largest = x.IsEqual(kept);
        var ties = largest.Cast(DType.F32).SumTo(kept.Shape);
        return largest.Where(gradient / ties, gradient.Number(0));
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Max(Tensor x, int axis = -1, bool keep = true)", "The largest along one axis, which stays with size 1 where keep holds.",
            call => call.Tensor("x").ReduceMax(call.Literal("axis", -1), call.Flag("keep", true))),
    ];
}
