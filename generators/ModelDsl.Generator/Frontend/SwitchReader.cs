using System.Linq;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads a switch expression over constants as the chain of conditions that it is.</summary>
internal static class SwitchReader
{
    public static Expression? Read(ReadingContext context, ExpressionReader expressions, ISwitchExpressionOperation choice)
    {
        int anchor = context.Anchor(choice.Syntax);
        if (Numbers.IsNumber(choice.Value.Type))
        {
            context.Report(Catalogue.NumberAsStructure, choice.Value.Syntax, choice.Value.Syntax.ToString());
            return null;
        }
        var arms = choice.Arms.Where(arm => arm.Guard is null && arm.Pattern is IConstantPatternOperation or IDiscardPatternOperation).ToArray();
        if (arms.Length == 0 || arms.Length < choice.Arms.Count(arm => !arm.IsImplicit))
        {
            context.Report(Catalogue.ExpressionNotKnown, choice.Syntax, Alternatives.Quote(choice), "every arm is a constant, or _");
            return null;
        }
        // The last arm needs no condition: C# has checked that the arms are all there are.
        var result = expressions.Read(arms[arms.Length - 1].Value);
        foreach (var arm in arms.Take(arms.Length - 1).Reverse())
        {
            if (arm.Pattern is not IConstantPatternOperation pattern) continue;
            var value = expressions.Read(choice.Value);
            var constant = expressions.Read(pattern.Value);
            var chosen = expressions.Read(arm.Value);
            result = value is null || constant is null || chosen is null || result is null ? null
                : new ConditionalExpression(new BinaryExpression("==", value, constant, anchor), chosen, result, anchor);
        }
        return result;
    }
}
