namespace ModelDsl.Runtime;

/// <summary>What sets a checkpoint's weights apart from a model's, as a message that a person can act on.</summary>
internal sealed class WeightDifferences
{
    private const int Shown = 12;

    private readonly List<string> _missing = [], _unexpected = [], _shapes = [];

    public bool Any => _missing.Count + _unexpected.Count + _shapes.Count > 0;

    public void Missing(string name) => _missing.Add(name);

    public void Unexpected(string name) => _unexpected.Add(name);

    public void Shape(string name, long[] file, long[] model) =>
        _shapes.Add($"{name}: [{string.Join(", ", file)}] in the file, [{string.Join(", ", model)}] in the model");

    public string Describe() => string.Concat(
        List("Missing in the file", _missing), List("Not in the model", _unexpected), List("Of another shape", _shapes));

    private static string List(string title, List<string> items) => items.Count == 0 ? "" :
        $"\n  {title} ({items.Count}):" + string.Concat(items.Take(Shown).Select(item => $"\n    {item}")) +
        (items.Count > Shown ? $"\n    ... and {items.Count - Shown} more" : "");
}
