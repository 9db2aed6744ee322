using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace ModelDsl.Generator.Frontend;

/// <summary>The functions of Math and MathF that scalars may be computed with.</summary>
internal static class NumberFunctions
{
    public static readonly SortedSet<string> Names = ["Abs", "Ceiling", "Cos", "Exp", "Floor", "Log", "Max", "Min", "Pow", "Round", "Sin", "Sqrt", "Tanh"];

    public static bool Has(IMethodSymbol method) => AreIn(method.ContainingType) && Names.Contains(method.Name);

    public static bool AreIn(INamedTypeSymbol type) => type is { Name: "Math" or "MathF" }
        && type.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true };
}
