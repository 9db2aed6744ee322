using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>and (a, b)</c>: both, of bools.</summary>
public sealed class And : Logical
{
    public override string Name => "and";
    protected override double Evaluate(double a, double b, DType dtype) => a != 0 && b != 0 ? 1 : 0;
}
