using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Examples.TextGpt;

/// <summary>What the user asks for; null where a run's own settings, or the defaults, hold.</summary>
internal sealed record Settings(
    string? Data, string? Out, int? Steps, int? Batch, int? Length, ulong? Seed, int Threads, bool Resume, string? Preset);

/// <summary>The options, their help, and errors as one line a person can act on.</summary>
internal static class CommandLine
{
    private const string Examples = """
        Examples:
          dotnet run -c Release --project examples/TextGpt
              Learns this repository's sources, in out/TextGpt.
          dotnet run -c Release --project examples/TextGpt -- --data tinyshakespeare.txt --out out/plays --steps 1000
              Learns another text.
          dotnet run -c Release --project examples/TextGpt -- --out out/plays --resume --steps 2000
              Goes on where that run stopped, whether it was done or interrupted.
          dotnet run -c Release --project examples/TextGpt -- --preset medium --batch 8 --length 512
              A larger model.
        """;

    /// <returns>The exit code: 0, 1 for an error, 130 for a run that was stopped.</returns>
    public static int Run(string[] arguments, Func<Settings, int> action)
    {
        var data = new Option<string?>("--data") { Description = "The text: a file, or a folder of .cs, .md and .txt. [default: this repository]", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = "The folder for everything that is made. [default: out/TextGpt]", HelpName = "FOLDER" };
        var steps = Positive("--steps", $"Steps to train, those before a resume included. [default: {Defaults.Steps}]");
        var batch = Positive("--batch", $"Sequences in a step. [default: {Defaults.Batch}]");
        var length = Positive("--length", $"Tokens in a sequence. [default: {Defaults.Length}]");
        var seed = new Option<ulong?>("--seed") { Description = $"Decides initial weights and the order of the data. [default: {Defaults.Seed}]", HelpName = "N" };
        var threads = new Option<int>("--threads") { Description = "Threads; the result is the same for every number. [default: one a processor]", HelpName = "N" };
        threads.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out int value) || value is < 1 or > 1024))
                result.AddError($"--threads takes a number from 1 to 1024, not '{token.Value}'.");
        });
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in the output folder, bit for bit as if it had never stopped." };
        var preset = new Option<string?>("--preset") { Description = $"The size of the model. [default: {Defaults.Preset}]", HelpName = string.Join('|', Presets.Names) };
        preset.AcceptOnlyFromAmong([.. Presets.Names]);
        var root = new RootCommand("Trains a small language model, declared in Model.cs, on text, and writes a sample.")
        {
            data, output, steps, batch, length, seed, threads, resume, preset,
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.SetAction(parsed => Report(() => action(new(
            parsed.GetValue(data), parsed.GetValue(output), parsed.GetValue(steps), parsed.GetValue(batch), parsed.GetValue(length),
            parsed.GetValue(seed), parsed.GetValue(threads), parsed.GetValue(resume), parsed.GetValue(preset)))));
        return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static Option<int?> Positive(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out int value) || value < 1))
                result.AddError($"{name} takes a number from 1, not '{token.Value}'.");
        });
        return option;
    }

    /// <summary>What a user can mend becomes its message alone.</summary>
    private static int Report(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or DatasetException
            or TrainingDivergedException or InsufficientDeviceMemoryException or ArgumentException)
        {
            Console.Error.WriteLine($"error: {error.Message}");
            return 1;
        }
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            int code = help.Invoke(parsed);
            parsed.InvocationConfiguration.Output.WriteLine(Examples);
            return code;
        }
    }
}
