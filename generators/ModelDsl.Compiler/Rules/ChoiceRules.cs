using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>Masks, choices and casts.</summary>
internal static class ChoiceRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // a choice that is made at build, or makes no difference
        new("where(true, a, b) -> a", x => x.Is<Where>() && x.Input(0).IsConstant(out double mask) ? x.Input(mask != 0 ? 1 : 2).Fit(x) : null),
        new("where(m, a, a) -> a", x => x.Is<Where>() && ReferenceEquals(x.Node.Inputs[1], x.Node.Inputs[2]) ? x.Input(1).Fit(x) : null),
        new("where(not m, a, b) -> where(m, b, a)", x => x.Is<Where>() && x.Input(0).Is<Not>() ? x.Input(0).Input(0).Where(x.Input(2), x.Input(1)) : null),

        // bools
        new("not not m -> m", x => x.Is<Not>() && x.Input(0).Is<Not>() ? x.Input(0).Input(0) : null),
        new("m and true -> m", x => Absorb<And>(x, 1)),
        new("m or true -> true", x => Absorb<Or>(x, 0)),

        // casts that change nothing, or undo one another
        new("cast to the same type -> x", x => x.Is<Cast>() && x.Input(0).DType == x.DType ? x.Input(0) : null),
        new("cast there and back -> x", x => x.Is<Cast>() && x.Input(0).Is<Cast>() && x.Input(0).Input(0).DType == x.DType && IsWider(x.Input(0).DType, x.DType)
            ? x.Input(0).Input(0) : null),
        new("bool to i32 to f32 -> bool to f32", x => x.Is<Cast>() && x.Input(0).Is<Cast>() && x.Input(0).Input(0).DType == DType.Bool ? x.Input(0).Input(0).Cast(x.DType) : null),
    ];

    /// <summary>One operand is known: <paramref name="neutral"/> leaves the other, its opposite decides.</summary>
    private static Value? Absorb<T>(Value x, double neutral) where T : Operation
    {
        if (!x.Is<T>()) return null;
        for (int i = 0; i < 2; i++)
            if (x.Input(i).IsConstant(out double known)) return known == neutral ? x.Input(1 - i).Fit(x) : x.Fill(1 - neutral);
        return null;
    }

    /// <summary>Every value of the second type is one of the first.</summary>
    private static bool IsWider(DType wide, DType narrow) => narrow == DType.Bool || narrow == DType.I32 && wide == DType.F32;
}
