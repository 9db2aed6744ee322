using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Spec;

/// <summary>Visits what a statement or an expression is made of.</summary>
public static class SpecWalk
{
    /// <summary>Every expression under the statements, parents before children.</summary>
    public static IEnumerable<Expression> Expressions(IEnumerable<Statement> statements) => statements.SelectMany(statement => statement switch
    {
        AssignStatement assign => Expressions(assign.Value),
        ReturnStatement result => Expressions(result.Value),
        IfStatement choice => Expressions(choice.Condition).Concat(Expressions(choice.Then)).Concat(Expressions(choice.Else)),
        _ => [],
    });

    /// <summary>An expression and every one under it, parents before children.</summary>
    public static IEnumerable<Expression> Expressions(Expression expression) => Children(expression).SelectMany(Expressions).Prepend(expression);

    /// <summary>The first name in an expression, for messages.</summary>
    public static string FirstName(Expression expression) => Expressions(expression).Select(part => part switch
    {
        LocalReference local => local.Name,
        MemberReference member => member.Name,
        CallExpression call => call.Method,
        OperationExpression operation => operation.Operation,
        _ => "",
    }).FirstOrDefault(name => name.Length > 0) ?? "";

    private static IEnumerable<Expression> Children(Expression expression) => expression switch
    {
        MemberReference { Target: { } target } => [target],
        BinaryExpression binary => [binary.Left, binary.Right],
        UnaryExpression unary => [unary.Operand],
        CastExpression cast => [cast.Operand],
        ConditionalExpression choice => [choice.Condition, choice.True, choice.False],
        CallExpression { Target: { } target } call => Values(call.Arguments).Prepend(target),
        CallExpression call => Values(call.Arguments),
        OperationExpression operation => Values(operation.Arguments),
        NewExpression creation => Values(creation.Arguments),
        RepeatExpression { Shared: { } shared } repeat => [repeat.Count, repeat.Layer, shared],
        RepeatExpression repeat => [repeat.Count, repeat.Layer],
        TupleExpression tuple => tuple.Items,
        ListExpression list => list.Items,
        _ => [],
    };

    private static IEnumerable<Expression> Values(IEnumerable<Argument> arguments) => arguments.Select(argument => argument.Value);
}
