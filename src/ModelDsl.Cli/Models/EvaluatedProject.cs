using System.Diagnostics;
using System.Text.Json;

namespace ModelDsl.Cli.Models;

/// <summary>What MSBuild says that the C# compiler is given for a project. The projects that it refers to are built, it is not.</summary>
internal sealed record EvaluatedProject(string LanguageVersion, IReadOnlyList<string> Symbols, IReadOnlyList<string> Sources, IReadOnlyList<string> References)
{
    private const string Compile = "Compile", References_ = "ReferencePathWithRefAssemblies", Language = "LangVersion", Defines = "DefineConstants", Several = "TargetFrameworks";

    /// <exception cref="InvalidDataException">MSBuild fails, with its words, or the project has several frameworks and none is named.</exception>
    public static EvaluatedProject Of(FileInfo project, string? framework)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "build", project.FullName, "-nologo", "-v:quiet", "-t:ResolveReferences;GenerateGlobalUsings;FindReferenceAssembliesForReferences",
            $"-getItem:{Compile}", $"-getItem:{References_}", $"-getProperty:{Language}", $"-getProperty:{Defines}", $"-getProperty:{Several}",
            .. framework is null ? Array.Empty<string>() : ["-f", framework],
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = project.DirectoryName };
        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidDataException("dotnet does not start; is the .NET SDK installed?");
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        int json = output.IndexOf('{');
        if (process.ExitCode != 0 || json < 0) throw new InvalidDataException($"{project} cannot be evaluated:\n{(output + errors.Result).Trim()}");
        using var document = JsonDocument.Parse(output.AsMemory(json));
        var (properties, items) = (document.RootElement.GetProperty("Properties"), document.RootElement.GetProperty("Items"));
        string[] Paths(string item) => items.GetProperty(item).EnumerateArray().Select(i => i.GetProperty("FullPath").GetString()!).ToArray();
        string[] references = Paths(References_);
        if (references.Length == 0 && properties.GetProperty(Several).GetString() is { Length: > 0 } several)
            throw new InvalidDataException($"{project} is for several frameworks; name one of {several.Replace(";", ", ")} with --framework");
        return new(properties.GetProperty(Language).GetString()!, properties.GetProperty(Defines).GetString()!.Split(';', StringSplitOptions.RemoveEmptyEntries), Paths(Compile), references);
    }
}
