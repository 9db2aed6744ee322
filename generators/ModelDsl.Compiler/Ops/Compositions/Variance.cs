using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The mean squared distance from the mean (divided by the size, not one less).</summary>
public sealed class Variance : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Variance(Tensor x, int axis = -1, bool keep = true)",
            "The mean squared distance from the mean over one axis, which stays with size 1 where keep holds.", call =>
            {
                int axis = call.Literal("axis", -1);
                var centred = call.Tensor("x") - call.Tensor("x").Mean(axis);
                return (centred * centred).Mean(axis, call.Flag("keep", true));
            }),
    ];

    public override IEnumerable<OperationCase> Cases => [Case("rows", CaseInput.Range(-2, 2, "B", "T", "C"))];
}
