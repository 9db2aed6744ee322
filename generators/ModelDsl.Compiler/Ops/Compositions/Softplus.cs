using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>log(1 + e^x) without overflow.</summary>
public sealed class Softplus : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Softplus(Tensor x)", "Log(1 + Exp(x)), elementwise, without overflow.", call => call.Tensor("x").Apply(this)),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes) => Of(inputs[0]);

    internal static Value Of(Value x) => x.Max(x.Number(0)) + (1 + (-x.Abs()).Exp()).Log();

    public override IEnumerable<OperationCase> Cases => [Case("cube", CaseInput.Range(-2, 2, "B", "T", "C"))];
}
