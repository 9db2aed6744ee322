namespace Examples.TextGpt;

/// <summary>The named sizes of the model, each with a suitable learning rate.</summary>
internal static class Presets
{
    public static IReadOnlyList<string> Names { get; } = ["tiny", "small", "medium", "large"];

    /// <summary>The model with the given vocabulary size, and its peak learning rate.</summary>
    public static (TextGpt Model, double LearningRate) Get(string name, int vocabulary)
    {
        var (model, rate) = name switch
        {
            "tiny" => (TextGpt.Tiny, 4e-3),
            "small" => (new TextGpt(), 3e-3),
            "medium" => (TextGpt.Medium, 1.5e-3),
            "large" => (TextGpt.Large, 6e-4),
            _ => throw new ArgumentException($"There is no preset '{name}'; there are {string.Join(", ", Names)}."),
        };
        return (model with { Vocab = vocabulary }, rate);
    }
}

/// <summary>The settings used when neither the command line nor a resumed run gives them.</summary>
internal static class Defaults
{
    public const string Preset = "small";
    public const int Vocabulary = 1024, Steps = 300, Batch = 16, Length = 256;
    public const ulong Seed = 1;
}
