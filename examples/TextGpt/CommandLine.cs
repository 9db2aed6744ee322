using System.Globalization;
using System.Numerics;

namespace Examples.TextGpt;

/// <summary>The options given by the user; null for those left to the resumed run's settings or the defaults.</summary>
internal sealed record Settings
{
    public string? Data { get; init; }
    public string? Out { get; init; }
    public int? Steps { get; init; }
    public int? Batch { get; init; }
    public int? Length { get; init; }
    public ulong? Seed { get; init; }
    public int? Threads { get; init; }
    public string? Preset { get; init; }
    public bool Resume { get; init; }
}

/// <summary>The options and their help. An error is one line that says what to change.</summary>
internal static class CommandLine
{
    private static readonly string Help = $"""
        Trains a small language model, declared in Model.cs, on text, and writes a sample.

        Options:
          --data FILE      The text: a file, or a folder of .cs, .md and .txt; links to folders
                           are not followed. [this repository]
          --out FOLDER     Where everything that is made goes. [{RunSetup.DefaultFolder}]
          --steps N        Steps to train, those before a resume included. [{Defaults.Steps}]
          --batch N        Sequences in a step. [{Defaults.Batch}]
          --length N       Tokens in a sequence. [{Defaults.Length}]
          --seed N         Decides initial weights, the order of the data, and the sample. [{Defaults.Seed}]
          --threads N      Threads; the result is the same for every number. [one a processor]
          --preset NAME    The size of the model: {string.Join(", ", Presets.Names)}. [{Defaults.Preset}]
          --resume         Go on with the run in the folder, bit for bit as if it had never stopped.
          --help           This.

        Examples:
          dotnet run -c Release --project examples/TextGpt
              Learns this repository's sources.
          dotnet run -c Release --project examples/TextGpt -- --data tinyshakespeare.txt --out out/plays --steps 1000
              Learns another text.
          dotnet run -c Release --project examples/TextGpt -- --out out/plays --resume --steps 2000
              Goes on where that run stopped, whether it was done or interrupted.
          dotnet run -c Release --project examples/TextGpt -- --preset medium --batch 8 --length 512
              A larger model.
        """;

    /// <returns>The exit code: the action's, or 1 for an error.</returns>
    public static int Run(string[] arguments, Func<Settings, int> action)
    {
        if (arguments.Any(argument => argument is "--help" or "-h" or "-?"))
        {
            Console.WriteLine(Help);
            return 0;
        }
        try
        {
            return action(Parse(arguments));
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or DatasetException
            or TrainingDivergedException or InsufficientDeviceMemoryException or ArgumentException)
        {
            Console.Error.WriteLine($"error: {error.Message}");
            return 1;
        }
    }

    private static Settings Parse(string[] arguments)
    {
        var settings = new Settings();
        for (int i = 0; i < arguments.Length; i++)
        {
            // --name value, or --name=value
            string[] parts = arguments[i].Split('=', 2);
            string name = parts[0];
            string Value() => parts.Length > 1 ? parts[1]
                : ++i < arguments.Length ? arguments[i]
                : throw new ArgumentException($"{name} needs a value; --help shows how.");
            settings = name switch
            {
                "--data" => settings with { Data = Value() },
                "--out" => settings with { Out = Value() },
                "--steps" => settings with { Steps = Number(name, Value(), 1, int.MaxValue) },
                "--batch" => settings with { Batch = Number(name, Value(), 1, 1 << 20) },
                "--length" => settings with { Length = Number(name, Value(), 1, 1 << 20) },
                "--seed" => settings with { Seed = Number(name, Value(), 0UL, ulong.MaxValue) },
                "--threads" => settings with { Threads = Number(name, Value(), 1, 1024) },
                "--preset" => settings with { Preset = Preset(Value()) },
                "--resume" when parts.Length == 1 => settings with { Resume = true },
                _ => throw new ArgumentException($"There is no option '{arguments[i]}'; --help shows those there are."),
            };
        }
        return settings;
    }

    private static string Preset(string value) => Presets.Names.Contains(value)
        ? value
        : throw new ArgumentException($"--preset takes {string.Join(", ", Presets.Names)}, not '{value}'.");

    private static T Number<T>(string name, string value, T least, T most) where T : struct, INumber<T> =>
        T.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out T number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{name} takes a number from {least} to {most}, not '{value}'.");
}
