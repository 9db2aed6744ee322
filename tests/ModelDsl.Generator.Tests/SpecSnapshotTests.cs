using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Frontend;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Generator.Tests;

/// <summary>What the frontend makes of records as users write them.</summary>
public class SpecSnapshotTests
{
    [Theory]
    [InlineData("Classifier")]
    [InlineData("Gpt2")]
    [InlineData("Llama")]
    public void Specs(string record)
    {
        var run = GeneratorHost.Run(TestFiles.Record(record));
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.CSharpDiagnostics);
        Snapshot.Verify(string.Join("\n\n", run.Steps<ReadRecord>(Steps.Records).Select(read => SpecText.Print(read.Spec))), record);
    }
}
