using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Generator.Frontend;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Generator.Tests;

/// <summary>What an edit re-runs: reading always, and what follows only for the records that it changed.</summary>
public class IncrementalityTests
{
    private const string Other = "public class Other { public int Value => 1; }";

    /// <summary>A layer that the model does not use.</summary>
    private const string Unrelated = "using ModelDsl; [Layer] public partial record Unrelated(float Factor) { public Tensor Forward(Tensor x) => Factor * x; }";

    [Fact]
    public void TheSameSourceGivesEqualSpecs()
    {
        var first = GeneratorHost.Run(TestFiles.Record("Gpt2")).Steps<ReadRecord>(Steps.Records);
        var second = GeneratorHost.Run(TestFiles.Record("Gpt2")).Steps<ReadRecord>(Steps.Records);
        Assert.NotEmpty(first);
        Assert.Equal(first, second);
        Assert.All(first.Zip(second), pair => Assert.NotSame(pair.First, pair.Second));
        Assert.Equal(first.Select(record => record.GetHashCode()), second.Select(record => record.GetHashCode()));
    }

    public static TheoryData<string, string, string> Edits => new()
    {
        { "nothing, parsed again", "using", "using" },
        { "a comment above the records", "namespace Examples;", "// A comment that moves everything.\n\nnamespace Examples;" },
        { "the layout of a method", "return Token.Project(", "return\n\n    Token.Project(" },
        { "another type in the file", "namespace Examples;", "namespace Examples; public class Another { public int Value => 1; }" },
        { "a method that is no part of the DSL", "[Preset]", "public override string ToString() => \"GPT-2\";\n\n    [Preset]" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void AnEditBesideTheSpecKeepsEveryStepCached(string what, string before, string after)
    {
        string source = TestFiles.Record("Gpt2");
        string edited = source.Replace(before, after);
        Assert.True(what.StartsWith("nothing") || edited != source);
        Assert.All(Rerun([source, Other, Unrelated], [edited, Other, Unrelated]), AssertCached);
    }

    [Fact]
    public void AnEditInAnotherFileKeepsEveryStepCached() =>
        Assert.All(Rerun([TestFiles.Record("Gpt2"), Other, Unrelated], [TestFiles.Record("Gpt2"), Other.Replace("1", "2"), Unrelated]), AssertCached);

    [Fact]
    public void AnotherLayerIsNotCompiledWithTheModel()
    {
        var steps = Rerun([TestFiles.Record("Gpt2"), Unrelated], [TestFiles.Record("Gpt2"), Unrelated.Replace("Factor * x", "x * Factor")]);
        Assert.All(steps.Where(step => step.Name is Steps.Inputs or Steps.Elaborated or Steps.Declarations or Steps.Compiled or Steps.Files), AssertCached);
        Assert.Contains(steps, step => step.Name == Steps.Records && step.Reason == IncrementalStepRunReason.Modified);
    }

    [Fact]
    public void AChangedLayerCompilesTheModelAgain()
    {
        var steps = Rerun([TestFiles.Record("Gpt2")], [TestFiles.Record("Gpt2").Replace("tanh: true", "tanh: false")]);
        Assert.Contains(steps, step => step.Name == Steps.Inputs && step.Reason == IncrementalStepRunReason.Modified);
        Assert.Single(steps, step => step.Name == Steps.Records && step.Reason == IncrementalStepRunReason.Modified);
    }

    /// <summary>What a record gains does not depend on what its methods compute.</summary>
    [Fact]
    public void AChangedMethodKeepsTheDeclaration()
    {
        var steps = Rerun([TestFiles.Record("Gpt2")], [TestFiles.Record("Gpt2").Replace("tanh: true", "tanh: false")]);
        Assert.All(steps.Where(step => step.Name is Steps.Declarations or Steps.Findings), AssertCached);
        Assert.Contains(steps, step => step.Name == Steps.Elaborated && step.Reason == IncrementalStepRunReason.Modified);
    }

    /// <summary>As an IDE may run it: what the rest of the source binds to is there, and nothing is lowered for it.</summary>
    [Fact]
    public void MembersComeWithoutTheImplementation()
    {
        var generator = new ModelGenerator(_ => throw new InvalidOperationException("it was lowered"));
        var driver = CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: new(LanguageVersion.CSharp13),
            driverOptions: new(IncrementalGeneratorOutputKind.Implementation)).RunGenerators(GeneratorHost.Compilation([TestFiles.Record("Gpt2")]));
        var result = driver.GetRunResult().Results.Single();
        Assert.Empty(result.Diagnostics);
        Assert.Contains("Examples.Gpt2.g.cs", result.GeneratedSources.Select(source => source.HintName));
        Assert.DoesNotContain(result.GeneratedSources, source => source.HintName.Contains("Program") || source.HintName.Contains("Kernels"));
    }

    [Fact]
    public void AModelWithAnErrorKeepsItsMembers()
    {
        const string Use = "public static class Use { public static object Of(ModelDsl.Runtime.ILanguageModel model) => Of(new Examples.Gpt2()); }";
        var run = GeneratorHost.Run(TestFiles.Record("Gpt2").Replace("tanh: true", "tan: true"), Use);
        Assert.DoesNotContain(run.CSharpDiagnostics, diagnostic => diagnostic.Location.SourceTree?.ToString().Contains("class Use") == true);
        Assert.Contains(run.CSharpDiagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    }

    private static void AssertCached((string Name, IncrementalStepRunReason Reason) step) =>
        Assert.True(step.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{step.Name} was {step.Reason}");

    /// <summary>The tracked steps of a run over the second sources after one over the first.</summary>
    private static List<(string Name, IncrementalStepRunReason Reason)> Rerun(string[] before, string[] after)
    {
        var first = GeneratorHost.Compilation(before);
        Compilation second = first;
        foreach (var (old, source, text) in first.SyntaxTrees.Zip(after, before).Select(pair => (pair.First, pair.Second, pair.Third)))
            if (source != text || source == after[0])
                second = second.ReplaceSyntaxTree(old, CSharpSyntaxTree.ParseText(source, (CSharpParseOptions)old.Options, old.FilePath));
        var result = GeneratorHost.Driver().RunGenerators(first).RunGenerators(second).GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        Assert.Contains(result.TrackedSteps[Steps.Compiled], step => step.Outputs.Length > 0);
        return Steps.Cached.Where(result.TrackedSteps.ContainsKey).SelectMany(name => result.TrackedSteps[name])
            .SelectMany(step => step.Outputs.Select(output => (step.Name!, output.Reason))).ToList();
    }
}
