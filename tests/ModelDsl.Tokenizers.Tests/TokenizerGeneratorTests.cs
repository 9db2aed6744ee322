using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>The generator run by hand: every diagnostic's page holds, and nothing runs again without need.</summary>
public partial class TokenizerGeneratorTests
{
    private static readonly string Pages = Path.Combine(Repository.Folder, "docs", "diagnostics");

    public static TheoryData<string> Ids => [.. Directory.GetFiles(Pages, "MDT*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Theory]
    [MemberData(nameof(Ids))]
    public void ThePageShowsTheDiagnosticAndItsCure(string id)
    {
        string page = File.ReadAllText(Path.Combine(Pages, id + ".md"));
        string invalid = Example(page, "Invalid"), cured = Example(page, "Fixed");
        var expected = invalid.Split('\n').Index().Where(line => line.Item.EndsWith("// " + id)).Select(line => line.Index);
        Assert.NotEmpty(expected);
        var reported = Run(invalid).Diagnostics;
        Assert.Equal(expected.Select(line => (id, line)), reported.Select(diagnostic => (diagnostic.Id, diagnostic.Location.GetLineSpan().StartLinePosition.Line)));
        Assert.StartsWith($"# {id}: {reported[0].Descriptor.Title}\n", page);
        var run = Run(cured);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Compiled.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    [Theory]
    [InlineData("""@"a|b\b" """, 5, "looks back")]
    [InlineData("@\"\"\" (?=ab)\"", 5, "one character")]
    [InlineData("\"\\\\p{L}\\\\1\"", 7, "back references")]
    [InlineData("\"[a\"", 1, "never closed")]
    [InlineData("\"\"\"x{3,2}\"\"\"", 4, "ends before it begins")]
    [InlineData("@\"(?>ab)c\"", 2, "atomic")]
    [InlineData("@\"\\p{Greek}\"", 2, "Greek")]
    public void APatternIsReportedAtItsColumn(string literal, int column, string reason)
    {
        string attribute = $"[Split({literal})]";
        var diagnostic = Assert.Single(Run($"using ModelDsl.Tokenizers;\n[Tokenizer]\n{attribute}\n[ByteLevel]\npublic partial record Words : BpeTokenizer;").Diagnostics);
        Assert.Equal("MDT001", diagnostic.Id);
        Assert.Contains(reason, diagnostic.GetMessage());
        Assert.Equal((2, "[Split(".Length + column), (diagnostic.Location.GetLineSpan().StartLinePosition.Line, diagnostic.Location.GetLineSpan().StartLinePosition.Character));
    }

    [Fact]
    public void AnEditElsewhereCompilesNothingAgain()
    {
        string source = Example(File.ReadAllText(Path.Combine(Pages, "MDT001.md")), "Fixed");
        var first = Compilation([source, "class Other { int value = 1; }"]);
        var second = first.ReplaceSyntaxTree(first.SyntaxTrees.Last(), CSharpSyntaxTree.ParseText("class Other { int value = 2; }"));
        var moved = second.ReplaceSyntaxTree(second.SyntaxTrees.First(), CSharpSyntaxTree.ParseText("// moved\n\n" + source));
        var driver = Driver().RunGenerators(first);
        foreach (var edited in new[] { second, moved })
        {
            driver = driver.RunGenerators(edited);
            var steps = driver.GetRunResult().Results.Single().TrackedSteps["TokenizerSpecs"];
            Assert.All(steps.SelectMany(step => step.Outputs), output => Assert.True(output.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, output.Reason.ToString()));
        }
    }

    private static (IReadOnlyList<Diagnostic> Diagnostics, Compilation Compiled) Run(string source)
    {
        Driver().RunGeneratorsAndUpdateCompilation(Compilation([source]), out var compiled, out var diagnostics);
        return (diagnostics, compiled);
    }

    private static GeneratorDriver Driver()
    {
        var assembly = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "ModelDsl.Generator.dll"));
        var generator = (IIncrementalGenerator)Activator.CreateInstance(assembly.GetType("ModelDsl.Generator.Tokenizers.TokenizerGenerator", throwOnError: true)!)!;
        return CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], [new Words()],
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
    }

    private static CSharpCompilation Compilation(string[] sources)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.") || path.EndsWith("ModelDsl.Tokenizers.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create("Sample", sources.Select(source => CSharpSyntaxTree.ParseText(source)), references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }

    private static string Example(string page, string heading) =>
        Regex.Match(page, $@"## {heading}\n+```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value.TrimEnd('\n');

    private sealed class Words : AdditionalText
    {
        public override string Path => "/project/words.tiktoken";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From("IQ== 0\n");
    }
}
