using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>less (a, b)</c>: a &lt; b.</summary>
public sealed class Less : Comparison
{
    public override string Name => "less";
    protected override double Evaluate(double a, double b, DType dtype) => a < b ? 1 : 0;
}
