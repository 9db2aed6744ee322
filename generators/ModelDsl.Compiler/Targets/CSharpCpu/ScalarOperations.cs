using System;
using System.Collections.Generic;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// One element of each pointwise operation as C#: on vectors (Vector512 of float; masks for bool), and on scalars where that
/// differs. {0}, {1}, ... are the operands: names, or expressions in parentheses.
/// </summary>
internal static class ScalarOperations
{
    private static readonly Dictionary<Type, ScalarText> Texts = new()
    {
        [typeof(Abs)] = "Simd.Abs({0})",
        [typeof(Add)] = "{0} + {1}",
        [typeof(And)] = new("{0} & {1}", "{0} && {1}"),
        [typeof(Cos)] = "Simd.Cos({0})",
        [typeof(Div)] = "{0} / {1}",
        [typeof(Equal)] = new("Simd.Equal({0}, {1})", "{0} == {1}"),
        [typeof(Erf)] = "Simd.Erf({0})",
        [typeof(Exp)] = "Simd.Exp({0})",
        [typeof(Less)] = new("Simd.Less({0}, {1})", "{0} < {1}"),
        [typeof(LessEqual)] = new("Simd.LessOrEqual({0}, {1})", "{0} <= {1}"),
        [typeof(Log)] = "Simd.Log({0})",
        [typeof(Max)] = "Simd.Max({0}, {1})",
        [typeof(Min)] = "Simd.Min({0}, {1})",
        [typeof(Mod)] = "{0} % {1}",
        [typeof(Mul)] = "{0} * {1}",
        [typeof(Neg)] = "-{0}",
        [typeof(Not)] = new("~{0}", "!{0}"),
        [typeof(Or)] = new("{0} | {1}", "{0} || {1}"),
        [typeof(Pow)] = "Simd.Pow({0}, {1})",
        [typeof(Reciprocal)] = "Simd.Reciprocal({0})",
        [typeof(Rsqrt)] = "Simd.Rsqrt({0})",
        [typeof(Sigmoid)] = "Simd.Sigmoid({0})",
        [typeof(Sin)] = "Simd.Sin({0})",
        [typeof(Sqrt)] = "Simd.Sqrt({0})",
        [typeof(StopGradient)] = "{0}",
        [typeof(Sub)] = "{0} - {1}",
        [typeof(Tanh)] = "Simd.Tanh({0})",
        [typeof(Where)] = new("Simd.Select({0}, {1}, {2})", "{0} ? {1} : {2}"),
    };

    /// <exception cref="NotSupportedException">The table has no line for the operation.</exception>
    public static ScalarText Of(Operation operation) => Texts.TryGetValue(operation.GetType(), out var text) ? text
        : throw new NotSupportedException($"{operation.Name} has no line in the table of {nameof(ScalarOperations)}");
}

internal sealed record ScalarText(string Vector, string Scalar)
{
    public static implicit operator ScalarText(string same) => new(same, same);
}
