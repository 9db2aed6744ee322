using System.CommandLine;

namespace ModelDsl.Cli.Models;

/// <summary>What the commands on models share: where the records are, and which model is meant.</summary>
internal sealed class ModelOptions
{
    public Argument<FileSystemInfo> Source { get; } = new("SOURCE")
    {
        Description = "A C# file with [Model] records, a project, or the folder of one.",
        CustomParser = result => Directory.Exists(result.Tokens[0].Value) ? new DirectoryInfo(result.Tokens[0].Value) : new FileInfo(result.Tokens[0].Value),
    };

    public Option<string?> Model { get; } = new("--model") { Description = "The record's name, where there are several.", HelpName = "NAME" };

    public Option<string?> Framework { get; } = new("--framework") { Description = "The target framework, where a project has several.", HelpName = "NAME" };

    /// <summary>A command with these, which reports what the user can mend as one line.</summary>
    public Command Command(string name, string description, IEnumerable<Option> more, Func<ParseResult, int> run)
    {
        var command = new Command(name, description) { Source, Model, Framework };
        foreach (var option in more) command.Options.Add(option);
        command.SetAction(parsed => Failures.Report(() => run(parsed)));
        return command;
    }

    public Microsoft.CodeAnalysis.CSharp.CSharpCompilation Compilation(ParseResult parsed) => ModelSources.Read(parsed.GetRequiredValue(Source), parsed.GetValue(Framework));
}
