using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>equal (a, b)</c>: a == b.</summary>
public sealed class Equal : Comparison
{
    public override string Name => "equal";
    protected override double Evaluate(double a, double b, DType dtype) => a == b ? 1 : 0;
}
