using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Runtime;

namespace ModelDsl.Generator.Tests;

/// <summary>Compiles sources in memory with the generator, as the C# compiler would.</summary>
internal static class GeneratorHost
{
    private static readonly CSharpParseOptions Parse = new(LanguageVersion.CSharp13);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is { } file && (file.StartsWith("System.") || file == "netstandard.dll"))
            .Append(typeof(Tensor).Assembly.Location).Append(typeof(Device).Assembly.Location).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpCompilation Compilation(string[] sources, string assembly = "Test", params MetadataReference[] references) => CSharpCompilation.Create(
        assembly, sources.Select((source, index) => CSharpSyntaxTree.ParseText(source, Parse, index == 0 ? $"{assembly}.cs" : $"{assembly}{index}.cs"))
            .Append(CSharpSyntaxTree.ParseText("global using System;", Parse, "GlobalUsings.cs")),
        References.AddRange(references), new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver(ModelGenerator? generator = null) => CSharpGeneratorDriver.Create(
        [(generator ?? new()).AsSourceGenerator()], parseOptions: Parse,
        driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static GeneratorRun Run(params string[] sources) => Run(Compilation(sources));

    public static GeneratorRun Run(Compilation compilation, ModelGenerator? generator = null)
    {
        var driver = Driver(generator).RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);
        return new(driver, output, diagnostics);
    }
}

/// <param name="Output">The sources and what was generated.</param>
/// <param name="Diagnostics">The generator's own.</param>
internal sealed record GeneratorRun(GeneratorDriver Driver, Compilation Output, ImmutableArray<Diagnostic> Diagnostics)
{
    public GeneratorRunResult Result => Driver.GetRunResult().Results.Single();

    public IEnumerable<T> Steps<T>(string step) => Result.TrackedSteps.TryGetValue(step, out var steps)
        ? steps.SelectMany(run => run.Outputs).Select(output => (T)output.Value)
        : [];

    /// <summary>Warnings and errors of C# in the whole, generated sources included.</summary>
    public IEnumerable<Diagnostic> CSharpDiagnostics => Output.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning);
}
