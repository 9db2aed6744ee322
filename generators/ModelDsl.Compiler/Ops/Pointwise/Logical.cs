using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>What the connectives of bools share: broadcasting, no gradient.</summary>
public abstract class Logical : BinaryPointwise
{
    protected sealed override DType[] Accepted => [DType.Bool];
    protected sealed override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) => (null, null);
    protected sealed override string Verb => "combine";

    public sealed override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("choose", x => x[0].Less(x[1]).Apply(this, x[0].Less(x[0].Number(0))).Where(x[0], x[1]), CaseInput.Floats("B", "C"), CaseInput.Floats("C")),
    ];
}
