using Microsoft.CodeAnalysis;

namespace ModelDsl.Generator.Tests;

/// <summary>What is generated into a record, as C# compiles and runs it.</summary>
public class SurfaceTests
{
    private static readonly System.Reflection.Assembly Classifier = Load();

    [Fact]
    public void ARecordPrintsItsHyperparameters() =>
        Assert.Equal("Classifier { Pixels = 4, Width = 128, Layers = 2, Classes = 10 }", Make("Examples.Classifier", 4, 128, 2, 10).ToString());

    [Fact]
    public void ASealedRecordToo() =>
        Assert.Equal("Residual { Width = 8, Scale = 0.5 }", Make("Examples.Residual", 8, 0.5f).ToString());

    [Fact]
    public void AWeightSaysThatItIsCompiled()
    {
        object dense = Make("Examples.Dense", 4, 8, Enum.Parse(Classifier.GetType("Examples.Activation")!, "Tanh"), true);
        var error = Assert.Throws<System.Reflection.TargetInvocationException>(() => dense.GetType().GetProperty("Weight")!.GetValue(dense)).InnerException;
        Assert.Contains("Dense.Weight is not executed", Assert.IsType<NotSupportedException>(error).Message);
    }

    [Theory]
    [InlineData("Classifier")]
    [InlineData("Gpt2")]
    public void Generated(string record)
    {
        var run = GeneratorHost.Run(TestFiles.Record(record));
        Snapshot.Verify(string.Join("\n", run.Result.GeneratedSources.Where(source => source.HintName.EndsWith(".Record.g.cs"))
            .OrderBy(source => source.HintName).Select(source => $"// ==== {source.HintName}\n{source.SourceText}")), record, "cs.txt");
    }

    private static object Make(string type, params object[] arguments) => Activator.CreateInstance(Classifier.GetType(type)!, arguments)!;

    private static System.Reflection.Assembly Load()
    {
        var run = GeneratorHost.Run(TestFiles.Record("Classifier"));
        using var image = new MemoryStream();
        var result = run.Output.Emit(image);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return System.Reflection.Assembly.Load(image.ToArray());
    }
}
