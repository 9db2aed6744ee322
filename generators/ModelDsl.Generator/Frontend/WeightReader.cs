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
        var place = property.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation);
        if (place is not PropertyDeclarationSyntax declaration || !IsPlain(declaration, property))
        {
            context.Report(Catalogue.NotAWeight, place, property.IsIndexer ? "this[]" : property.Name);
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
        return new(property.Name, string.Join(" ", declaration.Modifiers.Where(modifier => !modifier.IsKind(SyntaxKind.PartialKeyword))), shape, init, std, decay, anchor);
    }

    /// <summary>Whether it is partial Tensor Name { get; } with nothing but an accessibility: the generated part must be declared alike.</summary>
    private static bool IsPlain(PropertyDeclarationSyntax declaration, IPropertySymbol property) =>
        declaration.Modifiers.Any(SyntaxKind.PartialKeyword)
        && declaration.Modifiers.All(modifier => modifier.Kind() is SyntaxKind.PartialKeyword or SyntaxKind.PublicKeyword or SyntaxKind.InternalKeyword or SyntaxKind.ProtectedKeyword or SyntaxKind.PrivateKeyword)
        && DslTypes.IsTensor(property.Type) && property.RefKind == RefKind.None && property.NullableAnnotation != NullableAnnotation.Annotated
        && property is { GetMethod: not null, SetMethod: null, PartialImplementationPart: null, ExplicitInterfaceImplementations.IsEmpty: true };
}
