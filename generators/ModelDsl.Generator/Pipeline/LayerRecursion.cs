using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Frontend;

namespace ModelDsl.Generator.Pipeline;

/// <summary>Finds layers that contain themselves, directly or through others.</summary>
internal static class LayerRecursion
{
    public static EquatableArray<CompileDiagnostic> Find(EquatableArray<ReadRecord> layers)
    {
        var byName = CompileInput.ByName(layers).ToDictionary(layer => layer.Key, layer => layer.Value.Spec);
        List<CompileDiagnostic> diagnostics = [];
        foreach (var layer in byName.Values)
            foreach (var creation in LayerReferences.Of(layer))
                if (Path(creation.Record, layer.FullName, byName, []) is { } path)
                    diagnostics.Add(new(Catalogue.LayerRecursion.Id, layer.FullName, creation.Anchor,
                        new([layer.Name, string.Join(" > ", path.Prepend(layer.FullName).Select(name => byName[name].Name))])));
        return diagnostics.ToEquatableArray();
    }

    /// <summary>The records from one to the other, both included; null where there is no way.</summary>
    private static IEnumerable<string>? Path(string from, string to, Dictionary<string, RecordSpec> layers, HashSet<string> seen)
    {
        if (from == to) return [to];
        if (!seen.Add(from) || !layers.TryGetValue(from, out var layer)) return null;
        return LayerReferences.Of(layer).Select(creation => Path(creation.Record, to, layers, seen))
            .FirstOrDefault(path => path is not null)?.Prepend(from);
    }
}
