using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>What an expression speaks of, for messages.</summary>
internal static class SpecNames
{
    /// <summary>The first name in it.</summary>
    public static string FirstName(Expression expression) => expression switch
    {
        LocalReference local => local.Name,
        MemberReference member => member.Name,
        BinaryExpression binary => FirstName(binary.Left) is { Length: > 0 } left ? left : FirstName(binary.Right),
        UnaryExpression unary => FirstName(unary.Operand),
        CastExpression cast => FirstName(cast.Operand),
        CallExpression call => call.Method,
        OperationExpression operation => operation.Operation,
        _ => "",
    };
}
