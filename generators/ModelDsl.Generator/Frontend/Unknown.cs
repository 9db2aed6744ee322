using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler.Diagnostics;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// Reports what the DSL does not have. What C# itself cannot bind it has reported; there the DSL adds only which operation
/// was probably meant by a call: a misspelt name, or the method form x.Softmax() of what is written Softmax(x).
/// </summary>
internal static class Unknown
{
    public static void Report(ReadingContext context, CatalogueEntry entry, IOperation operation)
    {
        var invalid = operation.DescendantsAndSelf().OfType<IInvalidOperation>().ToArray();
        foreach (var part in invalid) Explain(context, part);
        if (invalid.Length == 0) context.Report(entry, operation.Syntax, Alternatives.Quote(operation), Alternatives.Of(operation));
    }

    public static void Explain(ReadingContext context, IInvalidOperation invalid)
    {
        context.Invalid();
        if (invalid.Syntax is not InvocationExpressionSyntax { Expression: var called } invocation) return;
        switch (called)
        {
            case IdentifierNameSyntax { Identifier.ValueText: var name }
                when !DslOperations.Names.Contains(name) && Spelling.Closest(name, DslOperations.Names) is { } closest:
                context.Report(Catalogue.OperationNotKnown, called, name, closest);
                break;
            case MemberAccessExpressionSyntax { Expression: var target, Name.Identifier.ValueText: var name }
                when invalid.ChildOperations.Any(child => DslTypes.IsTensor(child.Type)) && Spelling.Closest(name, DslOperations.Names) is { } closest:
                string arguments = string.Join(", ", invocation.ArgumentList.Arguments.Select(argument => argument.ToString()).Prepend(target.ToString()));
                context.Report(Catalogue.OperationNotKnown, called, $"{target}.{name}", $"{closest}({arguments})");
                break;
        }
    }
}
