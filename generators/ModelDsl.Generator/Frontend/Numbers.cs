using Microsoft.CodeAnalysis;

namespace ModelDsl.Generator.Frontend;

/// <summary>The number types of C# as the DSL tells them apart.</summary>
internal static class Numbers
{
    public static bool IsInt(ITypeSymbol? type) => type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64;

    public static bool IsFloat(ITypeSymbol? type) => type?.SpecialType is SpecialType.System_Single or SpecialType.System_Double;

    public static bool IsNumber(ITypeSymbol? type) => IsInt(type) || IsFloat(type);
}
