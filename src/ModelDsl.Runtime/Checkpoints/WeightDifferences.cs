namespace ModelDsl.Runtime;

/// <summary>What sets a checkpoint's weights apart from a model's, as a message that a person can act on.</summary>
internal sealed class WeightDifferences
{
    private const int Shown = 12;

    private readonly List<string> missing = [], unexpected = [], shapes = [];

    public bool Any => missing.Count + unexpected.Count + shapes.Count > 0;

    public void Missing(string name) => missing.Add(name);

    public void Unexpected(string name) => unexpected.Add(name);

    public void Shape(string name, long[] file, long[] model) =>
        shapes.Add($"{name}: [{string.Join(", ", file)}] in the file, [{string.Join(", ", model)}] in the model");

    public string Describe() => string.Concat(
        List("Missing in the file", missing), List("Not in the model", unexpected), List("Of another shape", shapes));

    private static string List(string title, List<string> items) => items.Count == 0 ? "" :
        $"\n  {title} ({items.Count}):" + string.Concat(items.Take(Shown).Select(item => $"\n    {item}")) +
        (items.Count > Shown ? $"\n    ... and {items.Count - Shown} more" : "");
}
