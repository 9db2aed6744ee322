using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>mod (a, b)</c>: the remainder of i32 scalars, with the sign of a, as in C#; host arithmetic only, no gradient.</summary>
public sealed class Mod : BinaryPointwise
{
    public override string Name => "mod";
    protected override DType[] Accepted => [DType.I32];
    protected override double Evaluate(double a, double b, DType dtype) => a % b;
    protected override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) => (null, null);

    public override TensorType[] Infer(NodeView node)
    {
        foreach (var input in node.Inputs) ShapeRules.ExpectScalar(input, Name, "operand", DType.I32);
        return base.Infer(node);
    }

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("scalars", x => x[1] * x[0].Apply(this, x[0].Number(3)).Cast(DType.F32), CaseInput.Integers(10), CaseInput.Floats("C"))];
}
