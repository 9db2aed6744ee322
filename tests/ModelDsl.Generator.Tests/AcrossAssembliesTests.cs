using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Frontend;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Generator.Tests;

/// <summary>Layers are used from other assemblies, which carry their specs in metadata.</summary>
public class AcrossAssembliesTests
{
    private const string Scale = """
        using ModelDsl;
        namespace Base;
        public enum Sign { Plus, Minus }
        [Layer]
        public partial record Scale(int Width, Sign Sign = Sign.Plus)
        {
            [Weight(nameof(Width))] public partial Tensor Factor { get; }
            public Tensor Forward(Tensor x) => Sign == Sign.Plus ? x * Factor : -x * Factor;
        }
        """;

    private const string Twice = """
        using ModelDsl;
        namespace Library;
        [Layer]
        public partial record Twice(int Width)
        {
            public Base.Scale First => new(Width);
            public Inner Second => new(Width);
            public Tensor Forward(Tensor x) => Second.Forward(First.Forward(x));
        }
        [Layer]
        public partial record Inner(int Width)
        {
            public Base.Scale Scale => new(Width, Base.Sign.Minus);
            public Tensor Forward(Tensor x) => Scale.Forward(x);
        }
        """;

    private const string Model = """
        using ModelDsl;
        using static ModelDsl.Ops;
        [Model]
        public partial record Regression(int Features = 8, int Layers = 2)
        {
            public Repeat<Library.Twice> Stack => new(Layers, layer => new(Features));
            public Tensor Forward([Shape(nameof(Features))] Tensor x) => Stack.Forward(x);
            public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Features))] Tensor y) => MeanSquaredError(Forward(x), y);
        }
        """;

    [Theory]
    [InlineData(false)] // a library as a package brings it
    [InlineData(true)]  // a project of the same solution, as an IDE sees it
    public void SpecsComeFromMetadataTransitively(bool asCompilations)
    {
        var run = GeneratorHost.Run(ModelCompilation(asCompilations));
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.CSharpDiagnostics);
        var spec = Assert.Single(run.Steps<ReadRecord>(Steps.Records)).Spec;
        Assert.Equal(["Base.Scale", "Library.Inner", "Library.Twice"], spec.Imports.Select(import => import.FullName));

        // What is read is what was written, but for the anchors: those are of the other assembly's source.
        var written = GeneratorHost.Run(Scale).Steps<ReadRecord>(Steps.Records).Single().Spec;
        Assert.Equal(SpecText.Print(written), SpecText.Print(spec.Imports[0]));
    }

    [Fact]
    public void ALibraryIsNotReadAgainAfterAnEdit()
    {
        var first = ModelCompilation(false);
        var tree = first.SyntaxTrees.First();
        var second = first.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText("// moved\n" + tree, (CSharpParseOptions)tree.Options, tree.FilePath));
        var driver = GeneratorHost.Driver().RunGenerators(first);
        var before = Imports(driver);
        var after = Imports(driver.RunGenerators(second));
        Assert.NotEmpty(before);
        Assert.All(before.Zip(after), pair => Assert.Same(pair.First, pair.Second));
    }

    private static IReadOnlyList<RecordSpec> Imports(GeneratorDriver driver) =>
        ((RecordReading)driver.GetRunResult().Results.Single().TrackedSteps[Steps.Readings].Single().Outputs.Single().Value).Record.Spec.Imports;

    private static CSharpCompilation ModelCompilation(bool asCompilations)
    {
        var scale = Library("Base", Scale);
        var twice = Library("Library", Twice, scale);
        return GeneratorHost.Compilation([Model], "Model", scale, twice);

        MetadataReference Library(string name, string source, params MetadataReference[] references)
        {
            var output = GeneratorHost.Run(GeneratorHost.Compilation([source], name, references)).Output;
            Assert.Empty(output.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
            if (asCompilations) return output.ToMetadataReference();
            using var image = new MemoryStream();
            Assert.True(output.Emit(image).Success);
            return MetadataReference.CreateFromImage(image.ToArray());
        }
    }
}
