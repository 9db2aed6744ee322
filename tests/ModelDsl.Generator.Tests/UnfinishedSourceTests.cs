using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ModelDsl.Generator.Tests;

/// <summary>The generator runs after every keystroke, so it meets every state that a source can be in while it is written.</summary>
public class UnfinishedSourceTests
{
    public static TheoryData<string> Records => ["Classifier", "Gpt2", "Llama"];

    [Theory]
    [MemberData(nameof(Records))]
    public void ATokenIsMissing(string record)
    {
        string source = TestFiles.Record(record);
        var driver = GeneratorHost.Driver();
        int step = Sweep.IsFull ? 1 : 16;
        foreach (var token in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens().Where((_, index) => index % step == 0))
            AssertRuns(ref driver, source.Remove(token.SpanStart, token.Span.Length));
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void TheEndIsMissing(string record)
    {
        string source = TestFiles.Record(record);
        var driver = GeneratorHost.Driver();
        for (int length = 0; length < source.Length; length += 53) AssertRuns(ref driver, source[..length]);
    }

    [Theory]
    [InlineData("[Layer] public partial record A(int W) { } [Layer] public partial record A(int W) { }")]
    [InlineData("[Layer] public partial record A(int W) { } [Layer] public partial record A<T>(int W) { }")]
    [InlineData("[Model, Layer] public partial record A(int W) { public Tensor Forward(Tensor x) => x; }")]
    [InlineData("[Layer] public partial record A { } public partial record A { [Weight] public partial Tensor B { get; } }")]
    [InlineData("[Layer] public partial record A : A;")]
    [InlineData("[Layer] public partial record A { [Weight(null)] public partial Tensor B { get; } [Preset] public A C; [Weight(\"A +\", \"\")] public partial Tensor? D { get; set; } }")]
    [InlineData("[Layer] public partial record A { public Repeat<A> B => new(1); public Repeat C => new(); public A D => null!; public Repeat<A> E => null!; }")]
    [InlineData("[Layer] public partial record A { public Tensor Forward(Tensor x); public Tensor Other(Tensor x) { } public Tensor this[Tensor x] => x; public static Tensor operator +(A a, A b) => null!; }")]
    [InlineData("[Layer] public partial record A { public Tensor Forward([Limit(null)] Tokens x, [Shape(null)] Tensor y, __arglist) => throw null; public Tensor Local(Tensor x) { Tensor F(Tensor y) => y; return F(x); } }")]
    public void ASourceThatIsWrong(string source)
    {
        var driver = GeneratorHost.Driver();
        AssertRuns(ref driver, "using ModelDsl; using static ModelDsl.Ops; " + source);
    }

    private static void AssertRuns(ref GeneratorDriver driver, string text)
    {
        driver = driver.RunGenerators(GeneratorHost.Compilation([text]));
        var result = driver.GetRunResult().Results.Single();
        Assert.True(result.Exception is null, $"{result.Exception}\n{text}");
        Assert.True(result.Diagnostics.All(diagnostic => diagnostic.Id != "MD0900"), $"{string.Join("\n", result.Diagnostics)}\n{text}");
    }
}
