using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using ModelDsl.Compiler.Diagnostics;

namespace ModelDsl.Generator.Tests;

/// <summary>
/// Every diagnostic has a page whose invalid example is a sample that yields it, at the marked lines and nothing else, and
/// whose fixed example yields nothing; and a row in the release notes of the rules.
/// </summary>
public class CatalogueTests
{
    private static readonly string Pages = Path.Combine(TestFiles.Repository, "docs", "diagnostics");
    private static readonly string Releases = Path.Combine(TestFiles.Repository, "generators", "ModelDsl.Generator");

    public static TheoryData<string> Ids => [.. Catalogue.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void TheSampleYieldsIt(string id)
    {
        string sample = Sample(id);
        var expected = sample.Split('\n').Index().Where(line => line.Item.EndsWith($"// {id}")).Select(line => $"{id} at line {line.Index + 1}");
        Assert.Equal(expected.Order(), Yield(id, sample));
        Assert.NotEmpty(expected);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void ThePageShowsIt(string id)
    {
        string page = File.ReadAllText(Path.Combine(Pages, $"{id}.md")).ReplaceLineEndings("\n");
        Assert.StartsWith($"# {id}: {Catalogue.Find(id).Title}\n", page);
        Assert.Equal(Sample(id), Example(page, "Invalid"));
        Assert.Empty(Yield(id, Example(page, "Fixed"), csharp: true));
    }

    [Fact]
    public void Messages() => Snapshot.Verify(string.Join("\n", Catalogue.All.Where(entry => entry != Catalogue.Defect).SelectMany(entry => Run(entry.Id, Sample(entry.Id)).Diagnostics).Order(
        Comparer<Diagnostic>.Create((a, b) => string.CompareOrdinal($"{a.Id}{a}", $"{b.Id}{b}")))), nameof(Messages));

    [Theory]
    [MemberData(nameof(Ids))]
    public void ItLinksToItsPage(string id)
    {
        var found = Run(id, Sample(id)).Diagnostics.First(diagnostic => diagnostic.Id == id);
        Assert.EndsWith($"docs/diagnostics/{id}.md", found.Descriptor.HelpLinkUri);
    }

    [Fact]
    public void EveryRuleHasOneReleaseRow()
    {
        string[] files = ["AnalyzerReleases.Shipped.md", "AnalyzerReleases.Unshipped.md"];
        var rows = files.SelectMany(file => File.ReadLines(Path.Combine(Releases, file))).Where(line => line.StartsWith("MD") && !line.StartsWith("MDT"));
        Assert.Equal(Catalogue.All.Select(entry => $"{entry.Id} | ModelDsl | {entry.Severity} | {entry.Title}").Order(), rows.Order());
    }

    [Fact]
    public void IdsAreUniqueAndPagesHaveAnEntry()
    {
        Assert.Equal(Catalogue.All.Select(entry => entry.Id).Distinct(), Catalogue.All.Select(entry => entry.Id));
        Assert.Equal(Catalogue.All.Select(entry => entry.Id).Order(), Directory.GetFiles(Pages, "MD*.md").Select(Path.GetFileNameWithoutExtension).Where(page => !page!.StartsWith("MDT")).Order());
    }

    [Fact]
    public void TheIndexHasEveryPage()
    {
        string[] index = File.ReadAllLines(Path.Combine(Pages, "README.md"));
        string[] pages = [.. Directory.GetFiles(Pages, "MD*.md").Order(StringComparer.Ordinal)];
        Assert.Equal(
            pages.Select(page => (Id: Path.GetFileNameWithoutExtension(page), Title: File.ReadLines(page).First().Split(": ", 2)[1])).Select(page => $"| [{page.Id}]({page.Id}.md) | {page.Title} |"),
            index.Where(line => line.StartsWith("| [", StringComparison.Ordinal)));
    }

    /// <summary>The generator's diagnostics, and C#'s where asked for: the fixed example is C# without a warning.</summary>
    private static IEnumerable<string> Yield(string id, string source, bool csharp = false)
    {
        var run = Run(id, source, withLibrary: !csharp);
        return (csharp ? run.Diagnostics.Concat(run.CSharpDiagnostics) : run.Diagnostics)
            .Select(diagnostic => $"{diagnostic.Id} at line {diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1}").Order();
    }

    private static GeneratorRun Run(string id, string source, bool withLibrary = true)
    {
        // A library that was built without the generator, for what is said of such.
        var library = GeneratorHost.Compilation([Usings, "namespace Library { [Layer] public partial record Scale(int Width) { public Tensor Forward(Tensor x) => x * Width; } }"], "Library");
        var generator = id == Catalogue.Defect.Id ? new ModelGenerator(_ => throw new InvalidOperationException("it always fails")) : new ModelGenerator();
        return GeneratorHost.Run(GeneratorHost.Compilation([source, Usings], id, withLibrary ? [library.ToMetadataReference()] : []), generator);
    }

    private static string Sample(string id) => File.ReadAllText(Path.Combine(TestFiles.Project, "Samples", $"{id}.cs"));

    private static string Example(string page, string heading) =>
        Regex.Match(page, $"## {heading}\n\n```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    private const string Usings = "global using ModelDsl; global using static ModelDsl.Ops;";
}
