using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// Reads layers of other assemblies from the [LayerSpec] in their metadata, and the layers that those use in turn, wherever
/// they lie.
/// </summary>
internal sealed class ImportReader
{
    // The attribute's string lives as long as the reference it was read from: an edit does not parse a library again.
    private static readonly ConditionalWeakTable<string, RecordSpec> Parsed = new();

    private readonly SortedDictionary<string, RecordSpec> _specs = new(StringComparer.Ordinal);

    public EquatableArray<RecordSpec> Specs => _specs.Values.ToEquatableArray();

    /// <returns>Why the layer cannot be read; null where it can.</returns>
    public string? Add(INamedTypeSymbol layer)
    {
        string name = DslTypes.FullName(layer);
        if (_specs.ContainsKey(name)) return null;
        if (DslTypes.Attribute(layer, "LayerSpecAttribute")?.ConstructorArguments.FirstOrDefault().Value is not string text)
            return "it has no [LayerSpec]; build its project with the ModelDsl generator";
        RecordSpec spec;
        try
        {
            spec = Parsed.GetValue(text, SpecText.Parse);
        }
        catch (FormatException error)
        {
            return error.Message;
        }
        _specs.Add(name, spec);
        foreach (string used in LayerReferences.Of(spec).Select(reference => reference.Record))
        {
            if (Find(layer.ContainingAssembly, used) is not { } type) return $"the layer '{used}' that it uses is not found";
            if (Add(type) is { } reason) return reason;
        }
        return null;
    }

    /// <summary>A layer uses what its own assembly holds or refers to.</summary>
    private static INamedTypeSymbol? Find(IAssemblySymbol assembly, string name) => assembly.GetTypeByMetadataName(name)
        ?? assembly.Modules.SelectMany(module => module.ReferencedAssemblySymbols)
            .Select(referenced => referenced.GetTypeByMetadataName(name)).FirstOrDefault(type => type is not null);
}
