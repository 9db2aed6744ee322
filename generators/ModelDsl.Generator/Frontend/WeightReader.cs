using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads [Weight] properties.</summary>
internal static class WeightReader
{
    private const float DefaultStd = 0.02f; // as WeightAttribute.Std

    public static WeightSpec? Read(ReadingContext context, IPropertySymbol property)
    {
        var declaration = (PropertyDeclarationSyntax)property.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation);
        bool partial = declaration.Modifiers.Any(SyntaxKind.PartialKeyword);
        if (!partial || !DslTypes.IsTensor(property.Type) || property.NullableAnnotation == NullableAnnotation.Annotated
            || property.SetMethod is not null || property.IsStatic)
        {
            context.Report(Catalogue.NotAWeight, declaration, property.Name);
            return null;
        }
        int anchor = context.Anchor(declaration);
        var attribute = DslTypes.Attribute(property, "WeightAttribute")!;
        var shape = DimensionReader.ReadAll(context, attribute);
        string init = "Normal";
        float std = DefaultStd;
        bool? decay = null;
        foreach (var named in attribute.NamedArguments)
        {
            switch (named.Key)
            {
                case "Init": init = DslTypes.Member(named.Value) ?? init; break;
                case "Std" when named.Value.Value is float value: std = value; break;
                case "Decay": decay = DslTypes.Member(named.Value) switch { "Always" => true, "Never" => false, _ => null }; break;
            }
        }
        return new(property.Name, SyntaxFacts.GetText(property.DeclaredAccessibility), shape, init, std, decay, anchor);
    }
}
