using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Frontend;

namespace ModelDsl.Generator.Pipeline;

/// <summary>A model and those layers of its compilation that it reaches: an edit of any other leaves this equal.</summary>
internal sealed record CompileInput(RecordSpec Model, EquatableArray<RecordSpec> Library)
{
    /// <returns>Null where the model or a layer that it reaches has an error already.</returns>
    public static CompileInput? Gather(ReadRecord model, EquatableArray<ReadRecord> layers)
    {
        if (!model.Sound) return null;
        var byName = ByName(layers);
        List<RecordSpec> reached = [];
        return Reach(model.Spec, [], byName, reached) ? new(model.Spec, reached.ToEquatableArray()) : null;
    }

    /// <summary>C# reports a name that is declared twice; here the first is as good as any.</summary>
    public static Dictionary<string, ReadRecord> ByName(EquatableArray<ReadRecord> layers) =>
        layers.GroupBy(layer => layer.Spec.FullName).ToDictionary(same => same.Key, same => same.First());

    private static bool Reach(RecordSpec from, List<string> path, Dictionary<string, ReadRecord> layers, List<RecordSpec> reached)
    {
        path.Add(from.FullName);
        foreach (string name in LayerReferences.Of(from).Select(creation => creation.Record))
        {
            if (path.Contains(name)) return false;
            if (!layers.TryGetValue(name, out var layer) || reached.Contains(layer.Spec)) continue;
            if (!layer.Sound || !Reach(layer.Spec, path, layers, reached)) return false;
            reached.Add(layer.Spec);
        }
        path.RemoveAt(path.Count - 1);
        return true;
    }
}
