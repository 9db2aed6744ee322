using System.IO.Compression;
using System.Xml.Linq;

namespace ModelDsl.Examples.Tests;

/// <summary>What every package carries beside its code: licence, readme, description, documentation, symbols.</summary>
[Collection(RepositoryBuilds.Name)]
public sealed class PackageContentTests(PackageFeed feed)
{
    public static TheoryData<string> Packages => [.. Directory.GetFiles(Path.Combine(Repository.Folder, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(project => Path.GetFileNameWithoutExtension(project)!).Order()];

    [Theory]
    [MemberData(nameof(Packages))]
    public void APackageDescribesItselfAndHasSymbols(string name)
    {
        using ZipArchive package = Open(name, "nupkg"), symbols = Open(name, "snupkg");
        XElement metadata = XDocument.Load(package.GetEntry($"{name}.nuspec")!.Open()).Root!.Elements().First();
        string Value(string element) => metadata.Elements().Single(e => e.Name.LocalName == element).Value;
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.NotNull(package.GetEntry("README.md"));
        Assert.NotEqual("Package Description", Value("description"));
        string? commit = metadata.Elements().Single(e => e.Name.LocalName == "repository").Attribute("commit")?.Value;
        Assert.Equal(40, commit?.Length);

        string assembly = Assert.Single(package.Entries, entry => entry.Name == $"{name}.dll").FullName;
        Assert.NotNull(package.GetEntry(Path.ChangeExtension(assembly, "xml")));
        Assert.NotNull(symbols.GetEntry(Path.ChangeExtension(assembly, "pdb")));
    }

    private ZipArchive Open(string name, string kind) => ZipFile.OpenRead(Assert.Single(
        Directory.GetFiles(feed.Path, $"{name}.*.{kind}"), path => char.IsDigit(Path.GetFileName(path)[name.Length + 1])));
}
