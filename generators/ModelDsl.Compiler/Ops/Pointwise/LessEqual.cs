using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>lessequal (a, b)</c>: a &lt;= b.</summary>
public sealed class LessEqual : Comparison
{
    public override string Name => "lessequal";
    protected override double Evaluate(double a, double b, DType dtype) => a <= b ? 1 : 0;
}
