namespace ModelDsl.Runtime;

/// <summary>A model's name and hyperparameters, "Vocab=65 Width=384 ...", against those that a file carries.</summary>
internal static class Hyperparameters
{
    public const string ModelKey = "model", Key = "hyperparameters";

    /// <summary>What differs, "Theta was 500000, is 10000"; empty where nothing does.</summary>
    public static string Differences(string storedModel, string stored, string model, string own)
    {
        var differences = new List<string>();
        if (storedModel != model)
            differences.Add($"the model was {storedModel}, is {model}");
        var (before, now) = (Parse(stored), Parse(own));
        foreach (string name in before.Keys.Union(now.Keys))
            if (before.GetValueOrDefault(name) != now.GetValueOrDefault(name))
                differences.Add($"{name} {(before.TryGetValue(name, out string? old) ? $"was {old}" : "was not there")}, "
                    + (now.TryGetValue(name, out string? value) ? $"is {value}" : "is not there"));
        return string.Join("; ", differences);
    }

    private static Dictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>();
        foreach (string pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            values[parts[0]] = parts[^1];
        }
        return values;
    }
}
