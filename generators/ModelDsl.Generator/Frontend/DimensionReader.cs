using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// Reads the dimensions in attributes: nameof(Width), "4 * Width", "Heads * HeadWidth". These are strings, so C# has not
/// checked them and they are read as syntax.
/// </summary>
internal static class DimensionReader
{
    public static EquatableArray<Expression> ReadAll(ReadingContext context, AttributeData attribute)
    {
        if (attribute.ConstructorArguments.Length == 0 || attribute.ConstructorArguments[0] is not { Kind: TypedConstantKind.Array, IsNull: false })
        {
            context.Invalid();
            return default;
        }
        return attribute.ConstructorArguments[0].Values
            .Select((value, index) => Read(context, value.Value as string, Place(context, attribute, index)))
            .OfType<Expression>().ToEquatableArray();
    }

    public static Expression? ReadOne(ReadingContext context, AttributeData attribute) =>
        Read(context, attribute.ConstructorArguments.FirstOrDefault().Value as string, Place(context, attribute, 0));

    private static SyntaxNode Place(ReadingContext context, AttributeData attribute, int index)
    {
        var syntax = (AttributeSyntax)attribute.ApplicationSyntaxReference!.GetSyntax(context.Cancellation);
        return syntax.ArgumentList?.Arguments.Where(argument => argument.NameEquals is null).ElementAtOrDefault(index) is { } argument
            ? argument
            : syntax;
    }

    private static Expression? Read(ReadingContext context, string? text, SyntaxNode place)
    {
        if (text is null)
        {
            context.Invalid();
            return null;
        }
        if (SyntaxFacts.IsValidIdentifier(text)) return Name(context, text, text, place);
        var syntax = SyntaxFactory.ParseExpression(text);
        if (!syntax.ContainsDiagnostics) return Read(context, text, syntax, place);
        context.Report(Catalogue.Dimension, place, text, "it is not an expression");
        return null;
    }

    private static Expression? Read(ReadingContext context, string text, ExpressionSyntax syntax, SyntaxNode place)
    {
        switch (syntax)
        {
            case IdentifierNameSyntax name:
                return Name(context, text, name.Identifier.ValueText, place);
            case LiteralExpressionSyntax { Token.Value: int value }:
                return new IntLiteral(value, context.Anchor(place));
            case ParenthesizedExpressionSyntax parenthesized:
                return context.Inside(place, () => Read(context, text, parenthesized.Expression, place));
            case BinaryExpressionSyntax binary when binary.OperatorToken.Text is "+" or "-" or "*" or "/":
                int anchor = context.Anchor(place);
                return context.Inside(place, () => Read(context, text, binary.Left, place)) is { } left && context.Inside(place, () => Read(context, text, binary.Right, place)) is { } right
                    ? new BinaryExpression(binary.OperatorToken.Text, left, right, anchor)
                    : null;
            default:
                context.Report(Catalogue.Dimension, place, text, "it may hold whole numbers, names, + - * / and parentheses");
                return null;
        }
    }

    private static Expression? Name(ReadingContext context, string text, string name, SyntaxNode place)
    {
        var property = context.Record.GetMembers(name).OfType<IPropertySymbol>().FirstOrDefault();
        if (property is { IsStatic: false, Type.SpecialType: SpecialType.System_Int32 }) return new MemberReference(null, name, context.Anchor(place));
        context.Report(Catalogue.Dimension, place, text, property is null
            ? $"'{context.Record.Name}' has no hyperparameter '{name}'{Suggestion(context, name)}"
            : $"'{name}' is not an int");
        return null;
    }

    private static string Suggestion(ReadingContext context, string name)
    {
        IEnumerable<string> candidates = context.Record.GetMembers().OfType<IPropertySymbol>()
            .Where(property => property is { IsStatic: false, Type.SpecialType: SpecialType.System_Int32 }).Select(property => property.Name);
        return Spelling.Closest(name, candidates) is { } closest ? $"; did you mean '{closest}'?" : "";
    }
}
