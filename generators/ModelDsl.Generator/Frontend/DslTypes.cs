using System.Linq;
using Microsoft.CodeAnalysis;

namespace ModelDsl.Generator.Frontend;

/// <summary>Recognises the types of the surface (src/ModelDsl) by name, which costs no lookup in the compilation.</summary>
internal static class DslTypes
{
    private const string Surface = "ModelDsl";

    public static bool Is(ITypeSymbol? type, string name) =>
        type is INamedTypeSymbol { ContainingType: null } named && named.Name == name
        && named.ContainingNamespace is { Name: Surface, ContainingNamespace.IsGlobalNamespace: true };

    public static bool IsTensor(ITypeSymbol? type) => Is(type, "Tensor");

    public static bool IsRepeat(ITypeSymbol? type) => Is(type, "Repeat");

    public static bool IsOperations(ITypeSymbol? type) => Is(type, "Ops");

    public static bool IsLayer(ITypeSymbol? type) => Attribute(type, "LayerAttribute") is not null;

    /// <summary>Tensor, Tokens or Labels, or a tuple or a Repeat that holds one.</summary>
    public static bool MentionsTensors(ITypeSymbol type) =>
        IsTensor(type) || Is(type, "Tokens") || Is(type, "Labels")
        || (type is INamedTypeSymbol { IsTupleType: true } tuple && tuple.TupleElements.Any(element => MentionsTensors(element.Type)));

    public static AttributeData? Attribute(ISymbol? symbol, string name)
    {
        if (symbol is null) return null;
        foreach (var attribute in symbol.GetAttributes())
            if (Is(attribute.AttributeClass, name)) return attribute;
        return null;
    }

    /// <summary>The name of an enum's member that an attribute was given; null where the value has none.</summary>
    public static string? Member(TypedConstant constant) => constant.Type?.GetMembers().OfType<IFieldSymbol>()
        .FirstOrDefault(field => Equals(field.ConstantValue, constant.Value))?.Name;

    /// <summary>Namespace and name with dots; of a type that is neither nested nor generic also its metadata name.</summary>
    public static string FullName(ITypeSymbol type)
    {
        string name = type.ContainingType is { } outer ? $"{FullName(outer)}.{type.Name}" : type.Name;
        return type.ContainingType is null && type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{Path(space)}.{name}" : name;
    }

    /// <summary>A namespace with dots, keywords in it as they are; empty for the global one.</summary>
    public static string Path(INamespaceSymbol space) => space.IsGlobalNamespace ? ""
        : space.ContainingNamespace is { IsGlobalNamespace: false } outer ? $"{Path(outer)}.{space.Name}" : space.Name;

    /// <summary>The type as emitted code writes it.</summary>
    public static string Written(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
