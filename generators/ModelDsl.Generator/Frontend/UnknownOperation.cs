using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// C# reports what it cannot bind. Where that was a call, the DSL adds which operation was probably meant: a misspelt
/// name, or the method form x.Softmax() of what is written Softmax(x).
/// </summary>
internal static class UnknownOperation
{
    public static Expression? Explain(ReadingContext context, IInvalidOperation invalid)
    {
        context.Invalid();
        if (invalid.Syntax is not InvocationExpressionSyntax { Expression: var called } invocation) return null;
        switch (called)
        {
            case IdentifierNameSyntax name when !DslOperations.Names.Contains(name.Identifier.ValueText):
                if (Spelling.Closest(name.Identifier.ValueText, DslOperations.Names) is { } operation)
                    context.Report(Catalogue.OperationNotKnown, called, name.Identifier.ValueText, operation);
                break;
            case MemberAccessExpressionSyntax { Expression: var target, Name.Identifier.ValueText: var name }
                when invalid.ChildOperations.Any(child => DslTypes.IsTensor(child.Type)) && Spelling.Closest(name, DslOperations.Names) is { } closest:
                string arguments = string.Join(", ", invocation.ArgumentList.Arguments.Select(argument => argument.ToString()).Prepend(target.ToString()));
                context.Report(Catalogue.OperationNotKnown, called, $"{target}.{name}", $"{closest}({arguments})");
                break;
        }
        return null;
    }
}
