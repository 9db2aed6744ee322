using System.Runtime.CompilerServices;
using System.Text.Json;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Conformance.Tests.Support;

/// <summary>Values of one small model that were computed elsewhere: a file of References, written by tests/reference/models.py.</summary>
/// <param name="Structure">The key of the model's variant.</param>
/// <param name="Sizes">Its int hyperparameters, and B and T.</param>
/// <param name="Floats">Its float hyperparameters.</param>
/// <param name="Inputs">What a batch brings, row-major.</param>
/// <param name="Losses">Of ten steps of AdamW on the same batch; the first is that of the given weights.</param>
internal sealed record Reference(
    string Model, string Structure, IReadOnlyDictionary<string, long> Sizes, IReadOnlyDictionary<string, double> Floats,
    IReadOnlyDictionary<string, double[]> Inputs, double[] Forward, double[] Losses, IReadOnlyDictionary<string, double[]> Gradients)
{
    public static IEnumerable<string> Names => Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order();

    public static Reference Load(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        var root = json.RootElement;
        return new(root.GetProperty("model").GetString()!, root.GetProperty("structure").GetString()!,
            Each("sizes", v => v.GetInt64()), Each("floats", v => v.GetDouble()), Each("inputs", v => Numbers(v).ToArray()),
            Numbers(root.GetProperty("forward")).ToArray(), Numbers(root.GetProperty("losses")).ToArray(), Each("gradients", v => Numbers(v).ToArray()));

        Dictionary<string, T> Each<T>(string property, Func<JsonElement, T> read) => root.GetProperty(property).EnumerateObject().ToDictionary(p => p.Name, p => read(p.Value));
    }

    /// <summary>The variant of the model that it is of.</summary>
    public Variant Elaborate() => ModelSpecs.Elaborate(Model).Variants.Single(v => v.Key == Structure);

    /// <summary>Everything that an evaluation of the variant's graphs takes, by name.</summary>
    public Dictionary<string, double[]> Values(Variant variant)
    {
        var values = Inputs.ToDictionary();
        foreach (var (name, value) in Floats) values.Add(name, [value]);
        foreach (var weight in variant.Weights)
            values.Add(weight.Name, Weight(weight.Name, new Shape(weight.Counts.Concat(weight.Shape.Sizes)).Count.Evaluate(Sizes)));
        return values;
    }

    /// <summary>The weights of a reference: 0.2 sin(1.7 i + k), plus one for scales, k the sum of the name's characters modulo 97.</summary>
    public static double[] Weight(string name, long count)
    {
        int k = name.Sum(c => c) % 97;
        return Enumerable.Range(0, (int)count).Select(i => (name.EndsWith(".Scale") ? 1 : 0) + 0.2 * Math.Sin(1.7 * i + k)).ToArray();
    }

    private static IEnumerable<double> Numbers(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Numbers) : [value.GetDouble()];

    private static string Folder { get; } = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(ThisFile()))!, "References");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
