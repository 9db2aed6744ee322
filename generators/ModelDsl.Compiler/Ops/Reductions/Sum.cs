using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>sum {axes, keep} (x)</c>: the sum over the axes; 0 where they are empty.</summary>
public sealed class Sum : Reduction
{
    public override string Name => "sum";
    protected override double Start => 0;
    protected override double Combine(double a, double b) => a + b;
    protected override Value Derivative(Value x, Value kept, Value gradient) => gradient.Broadcast(x.Shape);

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Sum(Tensor x, int axis = -1, bool keep = true)", "The sum over one axis, which stays with size 1 where keep holds.",
            call => call.Tensor("x").Sum(call.Literal("axis", -1), call.Flag("keep", true))),
        Method("Tensor SumAll(Tensor x)", "The sum of all elements: a scalar, [].", call => call.Tensor("x").SumAll()),
    ];
}
