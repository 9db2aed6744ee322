using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Every record that a model can reach, by full name.</summary>
internal sealed class RecordLibrary
{
    private readonly Dictionary<string, RecordSpec> _records = [];
    private readonly HashSet<string> _local = [];

    public RecordLibrary(RecordSpec model, IEnumerable<RecordSpec> layers)
    {
        var own = layers.Append(model).ToArray();
        foreach (var record in own) _local.Add(record.FullName);
        foreach (var record in own) Add(record);
    }

    /// <summary>Whether it belongs to this compilation, so that its anchors have a place in the source.</summary>
    public bool IsLocal(RecordSpec record) => _local.Contains(record.FullName);

    /// <summary>Null where there is none of this name.</summary>
    public RecordSpec? Find(string fullName) => _records.TryGetValue(fullName, out var found) ? found : null;

    private void Add(RecordSpec record)
    {
        if (_records.ContainsKey(record.FullName)) return;
        _records.Add(record.FullName, record);
        foreach (var import in record.Imports) Add(import);
    }
}
