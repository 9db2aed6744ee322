namespace ModelDsl.Generator.Tests;

/// <summary>A hyperparameter may have the name of anything that emitted programs use.</summary>
public class HyperparameterNameTests
{
    [Theory]
    [InlineData("Weights")]
    [InlineData("Train")]
    [InlineData("Evaluate")]
    [InlineData("Step")]
    [InlineData("Seed")]
    [InlineData("loss")]
    [InlineData("device")]
    [InlineData("_weights")]
    [InlineData("layer")]
    public void ItCompiles(string name)
    {
        // Used as a number, so that a confusion with another member of its name is a wrong type or a wrong value.
        var run = GeneratorHost.Run(TestFiles.Record("Gpt2").Replace("int Heads = 12)", $"int Heads = 12, int {name} = 2)")
            .Replace("return Token.Project(", $"x = x * {name};\n        return Token.Project("));
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.CSharpDiagnostics);
    }
}
