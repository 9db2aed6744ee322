using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>or (a, b)</c>: either, of bools.</summary>
public sealed class Or : Logical
{
    public override string Name => "or";
    protected override double Evaluate(double a, double b, DType dtype) => a != 0 || b != 0 ? 1 : 0;
}
