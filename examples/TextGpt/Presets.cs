namespace Examples.TextGpt;

/// <summary>The sizes of the model by name, each with a learning rate that suits it.</summary>
internal static class Presets
{
    public static IReadOnlyList<string> Names { get; } = ["tiny", "small", "medium", "large"];

    /// <summary>The model with a vocabulary of so many tokens, and its peak learning rate.</summary>
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

/// <summary>What holds where neither the command line nor a run that is resumed says anything.</summary>
internal static class Defaults
{
    public const string Preset = "small";
    public const int Vocabulary = 1024, Steps = 300, Batch = 16, Length = 256;
    public const ulong Seed = 1;
}
