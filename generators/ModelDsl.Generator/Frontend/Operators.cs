using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ModelDsl.Generator.Frontend;

/// <summary>The operators between two values.</summary>
internal static class Operators
{
    /// <summary>Null for an operator that the DSL does not have, and for one that another type defines.</summary>
    public static string? Text(IBinaryOperation binary) =>
        binary.OperatorMethod is { } method && !DslTypes.IsTensor(method.ContainingType) ? null : Text(binary.OperatorKind);

    public static string? Text(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.Add => "+",
        BinaryOperatorKind.Subtract => "-",
        BinaryOperatorKind.Multiply => "*",
        BinaryOperatorKind.Divide => "/",
        BinaryOperatorKind.Remainder => "%",
        BinaryOperatorKind.Equals => "==",
        BinaryOperatorKind.NotEquals => "!=",
        BinaryOperatorKind.LessThan => "<",
        BinaryOperatorKind.LessThanOrEqual => "<=",
        BinaryOperatorKind.GreaterThan => ">",
        BinaryOperatorKind.GreaterThanOrEqual => ">=",
        BinaryOperatorKind.ConditionalAnd => "&&",
        BinaryOperatorKind.ConditionalOr => "||",
        _ => null,
    };

    /// <summary>
    /// Numbers are known only at run time, so comparing them decides nothing at build, except in a repeat's lambda, where
    /// the index may choose between scalars. What the comparison depends on, or null where it is fine.
    /// </summary>
    public static string? DecidesByNumber(IBinaryOperation binary)
    {
        if (binary.Type?.SpecialType != SpecialType.System_Boolean || !Numbers.IsNumber(binary.LeftOperand.Type)) return null;
        IOperation? number = null;
        foreach (var operation in binary.DescendantsAndSelf())
        {
            if (operation is IParameterReferenceOperation { Parameter.ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.AnonymousFunction } }) return null;
            if (number is null && Numbers.IsNumber(operation.Type) && !operation.ConstantValue.HasValue && !operation.ChildOperations.Any(child => Numbers.IsNumber(child.Type)))
                number = operation;
        }
        return number?.Syntax.ToString() ?? binary.Syntax.ToString();
    }
}
