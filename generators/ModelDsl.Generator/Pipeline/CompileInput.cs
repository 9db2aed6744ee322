using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Frontend;

namespace ModelDsl.Generator.Pipeline;

/// <summary>A model and those layers of its compilation that it reaches: an edit of any other leaves this equal.</summary>
/// <param name="Sound">False where the model or a layer that it reaches has an error already, or contains itself.</param>
/// <param name="IsPartial">Whether a partial declaration can be added.</param>
internal sealed record CompileInput(RecordSpec Model, EquatableArray<RecordSpec> Library, bool Sound, bool IsPartial)
{
    public static CompileInput Gather(ReadRecord model, EquatableArray<ReadRecord> layers)
    {
        List<RecordSpec> reached = [];
        bool sound = model.Sound && Reach(model.Spec, [], [], ByName(layers), reached);
        return new(model.Spec, sound ? reached.ToEquatableArray() : default, sound, model.Shape != PartialShape.None);
    }

    /// <summary>C# reports a name that is declared twice; here the first is as good as any.</summary>
    public static Dictionary<string, ReadRecord> ByName(EquatableArray<ReadRecord> layers) =>
        layers.GroupBy(layer => layer.Spec.FullName).ToDictionary(same => same.Key, same => same.First());

    /// <param name="path">The records around this one.</param>
    /// <param name="done">Those that have been reached, in <paramref name="reached"/> or on the path.</param>
    private static bool Reach(RecordSpec from, HashSet<string> path, HashSet<string> done, Dictionary<string, ReadRecord> layers, List<RecordSpec> reached)
    {
        path.Add(from.FullName);
        foreach (string name in LayerReferences.Of(from).Select(creation => creation.Record))
        {
            if (path.Contains(name)) return false;
            if (!layers.TryGetValue(name, out var layer) || !done.Add(name)) continue;
            if (!layer.Sound || !Reach(layer.Spec, path, done, layers, reached)) return false;
            reached.Add(layer.Spec);
        }
        path.Remove(from.FullName);
        return true;
    }
}
