using Microsoft.CodeAnalysis;

namespace ModelDsl.Generator.Tests;

/// <summary>Hyperparameters and the members of emitted programs share one space of names: MD1206 says which are taken.</summary>
public class HyperparameterNameTests
{
    [Theory]
    [InlineData("Weights")]
    [InlineData("Train")]
    [InlineData("Evaluate")]
    [InlineData("Step")]
    [InlineData("Seed")]
    public void ATakenNameIsToldOf(string name)
    {
        var run = GeneratorHost.Run(TestFiles.Record("Gpt2").Replace("int Heads = 12)", $"int Heads = 12, int {name} = 2)"));
        Assert.Equal("MD1206", Assert.Single(run.Diagnostics, d => d.Severity == DiagnosticSeverity.Error).Id);
    }
}
