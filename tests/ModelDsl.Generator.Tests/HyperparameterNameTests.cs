using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Compiler.Elaboration;

namespace ModelDsl.Generator.Tests;

/// <summary>Hyperparameters and the emitted programs share one space of names: what is generated compiles, or MD1206 says why not.</summary>
public class HyperparameterNameTests
{
    [Theory]
    [InlineData("Weights")]
    [InlineData("Train")]
    [InlineData("Evaluate")]
    [InlineData("Step")]
    [InlineData("Seed")]
    public void ATakenNameIsToldOf(string name) =>
        Assert.Equal("MD1206", Assert.Single(Run([name]).Diagnostics, d => d.Severity == DiagnosticSeverity.Error).Id);

    /// <summary>Every other name that is anywhere in the programs of the same model.</summary>
    [Fact]
    public void EveryOtherNameCompiles()
    {
        string[] names = [.. Identifiers(Run([]).Result.GeneratedSources.Where(s => s.HintName.EndsWith("Program.g.cs")).Select(s => s.SourceText.ToString()))
            .Except(Identifiers([TestFiles.Record("Gpt2")])).Where(n => char.IsUpper(n[0]) && n is not ("B" or "T") && !TakenNames.Contains(n))];
        Assert.Contains("Caches", names);
        var run = Run(names);
        Assert.Equal("", string.Join("\n", run.Diagnostics.Concat(run.CSharpDiagnostics).Where(d => d.Severity == DiagnosticSeverity.Error)));
    }

    /// <summary>GPT-2 with further hyperparameters.</summary>
    private static GeneratorRun Run(IEnumerable<string> names) =>
        GeneratorHost.Run(TestFiles.Record("Gpt2").Replace("int Heads = 12)", $"int Heads = 12{string.Concat(names.Select(n => $", int {n} = 2"))})"));

    private static IEnumerable<string> Identifiers(IEnumerable<string> sources) => sources
        .SelectMany(s => CSharpSyntaxTree.ParseText(s).GetRoot().DescendantTokens()).Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => t.ValueText).Distinct();
}
