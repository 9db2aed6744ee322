using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>What comparisons share: two of one type in, bool out; false where either is NaN; no gradient.</summary>
public abstract class Comparison : BinaryPointwise
{
    protected sealed override DType ResultType(DType operands) => DType.Bool;
    protected sealed override (Value? A, Value? B) Derivatives(Value a, Value b, Value y, Value gradient) => (null, null);
    protected sealed override string Verb => "compare";

    public sealed override IEnumerable<OperationCase> Cases =>
    [
        OperationCase.Of("choose", x => x[0].Apply(this, x[1]).Where(x[0], x[1]), CaseInput.Floats("B", "C"), CaseInput.Floats("T", "B", 1)),
        OperationCase.Of("integers", x => x[0].Apply(this, x[1]).Where(x[2], x[2] * 2), CaseInput.Integers(3, "B"), CaseInput.Integers(3, "B"), CaseInput.Floats("B")),
    ];
}
