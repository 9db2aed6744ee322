using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Generator;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Conformance.Tests.Support;

/// <summary>The specs of this project's and the examples' models, read from their sources by the generator's own frontend.</summary>
internal static class ModelSpecs
{
    private static readonly Lazy<IReadOnlyDictionary<string, CompileInput>> All = new(Read);

    public static IEnumerable<string> Names => All.Value.Keys.Order();

    public static CompileInput Get(string name) => All.Value[name];

    public static ElaboratedModel Elaborate(string name) => Elaborator.Elaborate(Get(name).Model, Get(name).Library);

    private static IReadOnlyDictionary<string, CompileInput> Read()
    {
        var parse = new CSharpParseOptions(LanguageVersion.CSharp13);
        string project = Path.GetDirectoryName(Path.GetDirectoryName(ThisFile()))!;
        string examples = Path.GetFullPath(Path.Combine(project, "..", "..", "examples"));
        var files = Directory.GetFiles(Path.Combine(project, "Models"), "*.cs").Concat(Directory.GetFiles(examples, "Model.cs", SearchOption.AllDirectories));
        const string usings = "global using System; global using ModelDsl; global using ModelDsl.Layers; global using static ModelDsl.Ops;";
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), parse, file)).Append(CSharpSyntaxTree.ParseText(usings, parse));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll" or "System.Linq.dll" or "System.Collections.dll")
            .Append(typeof(Tensor).Assembly.Location).Append(typeof(Layers.Linear).Assembly.Location).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("Models", trees, references, new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var readOnly = new ModelGenerator(_ => default);
        var driver = CSharpGeneratorDriver.Create([readOnly.AsSourceGenerator()], parseOptions: parse,
            driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        var result = driver.RunGenerators(compilation).GetRunResult().Results.Single();
        if (result.Exception is { } failure) throw failure;
        Assert.Empty(result.Diagnostics);
        return result.TrackedSteps[Steps.Inputs].SelectMany(s => s.Outputs).Select(o => (CompileInput)o.Value).ToDictionary(i => i.Model.Name);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
