using System.Text;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Conformance.Tests.Support;
using ModelDsl.Generator.Tests;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Conformance.Tests.Emitted;

/// <summary>The graph of a small model as written and after each pass.</summary>
public class PassSnapshotTests
{
    [Fact]
    public void Classifier()
    {
        var graph = ModelSpecs.Elaborate("Classifier").Variants.Single().Training.Graph;
        var text = new StringBuilder($"==== as written\n{GraphText.Print(graph)}");
        new PassManager(PassManager.Training(CSharpCpuTarget.Rules), report => text.Append($"\n==== after {report.Name}\n{GraphText.Print(report.After)}")).Run(graph);
        Snapshot.Verify(text.ToString(), nameof(Classifier));
    }
}
