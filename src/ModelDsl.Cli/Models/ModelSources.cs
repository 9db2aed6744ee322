using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace ModelDsl.Cli.Models;

/// <summary>The C# of a file or a project, as the compiler sees it before generators run.</summary>
internal static class ModelSources
{
    /// <summary>What a project that uses the DSL has as global usings.</summary>
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.Linq; global using ModelDsl; global using ModelDsl.Layers; global using static ModelDsl.Ops;";

    /// <exception cref="IOException">The file or the project cannot be read.</exception>
    /// <exception cref="InvalidDataException">The project cannot be evaluated.</exception>
    public static CSharpCompilation Read(FileSystemInfo source, string? framework)
    {
        if (!source.Exists) throw new FileNotFoundException($"{source} does not exist");
        if (source is FileInfo { Extension: ".cs" } file) return ReadFile(file);
        return ReadProject(source is DirectoryInfo folder ? OnlyProject(folder) : (FileInfo)source, framework);
    }

    private static FileInfo OnlyProject(DirectoryInfo folder) => folder.GetFiles("*.csproj") switch
    {
        [var project] => project,
        [] => throw new InvalidDataException($"{folder} holds no project; name a .cs file or a .csproj"),
        _ => throw new InvalidDataException($"{folder} holds several projects; name one of them"),
    };

    /// <summary>One file, with the DSL and the standard layers that this tool comes with.</summary>
    private static CSharpCompilation ReadFile(FileInfo file)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        return Create(Path.GetFileNameWithoutExtension(file.Name), [Parse(file.FullName, options), CSharpSyntaxTree.ParseText(Usings, options)], references);
    }

    private static CSharpCompilation ReadProject(FileInfo project, string? framework)
    {
        if (!project.Extension.Equals(".csproj", StringComparison.OrdinalIgnoreCase)) throw new InvalidDataException($"{project} is neither a .cs file nor a .csproj");
        var evaluated = EvaluatedProject.Of(project, framework);
        // The tool's C# compiler may be older than the SDK's; it reads what it can.
        var version = LanguageVersionFacts.TryParse(evaluated.LanguageVersion, out var known) && known <= LanguageVersion.CSharp13 ? known : LanguageVersion.Preview;
        var options = new CSharpParseOptions(version, preprocessorSymbols: evaluated.Symbols);
        return Create(Path.GetFileNameWithoutExtension(project.Name), evaluated.Sources.Select(path => Parse(path, options)),
            evaluated.References.Select(path => MetadataReference.CreateFromFile(path)));
    }

    private static CSharpCompilation Create(string name, IEnumerable<SyntaxTree> trees, IEnumerable<MetadataReference> references) =>
        CSharpCompilation.Create(name, trees, references, new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    private static SyntaxTree Parse(string path, CSharpParseOptions options)
    {
        using var stream = File.OpenRead(path);
        return CSharpSyntaxTree.ParseText(SourceText.From(stream, Encoding.UTF8), options, path);
    }
}
