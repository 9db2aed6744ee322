using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>x times the normal distribution function (Hendrycks and Gimpel, 2016), exact or as GPT-2 approximates it.</summary>
public sealed class Gelu : Composition
{
    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Gelu(Tensor x, bool tanh = false)",
            "x * Phi(x), elementwise, with the error function; with tanh as 0.5 x (1 + Tanh(Sqrt(2 / pi) (x + 0.044715 x^3))).",
            call => call.Tensor("x").Apply(this, Attributes.None.With("tanh", call.Flag("tanh")))),
    ];

    public override Value Of(IReadOnlyList<Value> inputs, Attributes attributes)
    {
        var x = inputs[0];
        return attributes.Get<bool>("tanh")
            ? 0.5 * x * (1 + (Math.Sqrt(2 / Math.PI) * (x + 0.044715 * (x * x * x))).Tanh())
            : 0.5 * x * (1 + (x * Math.Sqrt(0.5)).Erf());
    }

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("exact", CaseInput.Range(-2, 2, "B", "T", "C")),
        Case("tanh", ["x"], [("tanh", true)], CaseInput.Range(-2, 2, "B", "T", "C")),
    ];
}
