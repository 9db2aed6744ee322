using Microsoft.CodeAnalysis;

namespace ModelDsl.Generator.Tests;

/// <summary>Whatever is an identifier in C# is a name in a record.</summary>
public class NameTests
{
    [Theory]
    [InlineData("In")]
    [InlineData("Out")]
    [InlineData("Ref")]
    [InlineData("Fixed")]
    public void LayersAreNamedLikeKeywords(string name) => Compiles(Member(name));

    [Theory]
    [InlineData("@class")]
    [InlineData("@new")]
    [InlineData("@record")]
    public void RecordsAreKeywords(string name) => Compiles($$"""
        using ModelDsl; using static ModelDsl.Ops;
        namespace My.@ref;
        [Layer] public partial record {{name}}(int @int)
        {
            [Weight(nameof(@int))] public partial Tensor @return { get; }
            public Tensor Forward(Tensor @in) { var @if = @in * @return; return Softmax(@if * @if); }
        }
        [Model] public partial record M(int W = 8)
        {
            public {{name}} Inner => new(W);
            public Tensor Forward([Shape(nameof(W))] Tensor x) => Inner.Forward(x);
            public Tensor Loss([Shape(nameof(W))] Tensor x, [Shape(nameof(W))] Tensor y) => MeanSquaredError(Forward(x), y);
        }
        """);

    [Theory]
    [InlineData("Class")]
    [InlineData("Event")]
    [InlineData("@class")]
    public void LayersAreNamedLikeKeywordsThatNameKernels(string name) => Compiles(Member(name));

    [Theory]
    [InlineData("@class")]
    [InlineData("@new")]
    public void ModelsAndTheirSizesAreKeywords(string name) => Compiles($$"""
        using ModelDsl; using static ModelDsl.Ops;
        namespace My.@ref;
        [Model] public partial record {{name}}(int W = 8, int @int = 3)
        {
            [Weight(nameof(W))] public partial Tensor @return { get; }
            public Tensor Forward([Shape(nameof(W))] Tensor @in) => @in * @return * @int;
            public Tensor Loss([Shape(nameof(W))] Tensor x, [Shape(nameof(W))] Tensor y) => MeanSquaredError(Forward(x), y);
        }
        """);

    [Fact]
    public void NamesMayDifferInCaseAlone()
    {
        string Layer(string name) => $"[Layer] public partial record {name}(int W) {{ [Weight(nameof(W))] public partial Tensor S {{ get; }} public Tensor Forward(Tensor x) => x * S; }}\n";
        string Model(string name, string layer) => $"[Model] public partial record {name}(int W = 8) {{ public {layer} L => new(W); public Tensor Forward([Shape(nameof(W))] Tensor x) => L.Forward(x); public Tensor Loss([Shape(nameof(W))] Tensor x, [Shape(nameof(W))] Tensor y) => MeanSquaredError(Forward(x), y); }}\n";
        Compiles("using ModelDsl; using static ModelDsl.Ops;\n" + Layer("Abc") + Layer("ABC") + Model("Mod", "Abc") + Model("MOD", "ABC"));
    }

    [Theory]
    [InlineData("private partial")]
    [InlineData("partial")]
    [InlineData("private protected partial")]
    [InlineData("internal partial")]
    public void AWeightIsOfAnyAccessibility(string modifiers) => Compiles($$"""
        using ModelDsl; using static ModelDsl.Ops;
        [Model] public partial record M(int W = 8)
        {
            [Weight(nameof(W))] {{modifiers}} Tensor S { get; }
            public Tensor Forward([Shape(nameof(W))] Tensor x) => x * S;
            public Tensor Loss([Shape(nameof(W))] Tensor x, [Shape(nameof(W))] Tensor y) => MeanSquaredError(Forward(x), y);
        }
        """);

    [Theory]
    [InlineData("public partial Tensor this[int i] { get; }")]
    [InlineData("public partial ref Tensor S { get; }")]
    [InlineData("public virtual partial Tensor S { get; }")]
    [InlineData("public static partial Tensor S { get; }")]
    [InlineData("public partial Tensor S { get; set; }")]
    public void AnotherPropertyIsNoWeight(string property)
    {
        var run = GeneratorHost.Run($$"""
            using ModelDsl;
            [Layer] public partial record R(int W)
            {
                [Weight(nameof(W))] {{property}}
                public Tensor Forward(Tensor x) => x * W;
            }
            """);
        Assert.Null(run.Result.Exception);
        Assert.Equal("MD0101", Assert.Single(run.Diagnostics).Id);
    }

    private static string Member(string name) => $$"""
        using ModelDsl; using static ModelDsl.Ops;
        [Layer] public partial record R(int W)
        {
            [Weight(nameof(W))] public partial Tensor S { get; }
            public Tensor Forward(Tensor x) { x = x * S; return Softmax(x * x); }
        }
        [Model] public partial record M(int W = 8)
        {
            public R {{name}} => new(W);
            public Tensor Forward([Shape(nameof(W))] Tensor x) => {{name}}.Forward(x);
            public Tensor Loss([Shape(nameof(W))] Tensor x, [Shape(nameof(W))] Tensor y) => MeanSquaredError(Forward(x), y);
        }
        """;

    private static void Compiles(string source)
    {
        var run = GeneratorHost.Run(source);
        Assert.Null(run.Result.Exception);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.CSharpDiagnostics);
    }
}
