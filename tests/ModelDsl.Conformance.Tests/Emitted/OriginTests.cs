using ModelDsl.Compiler.Targets.CSharpCpu;
using ModelDsl.Compiler.Pipeline;
using System.Text;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Conformance.Tests.Support;
using ModelDsl.Generator.Tests;

namespace ModelDsl.Conformance.Tests.Emitted;

/// <summary>What the values of a training graph are called in the user's records, after every pass.</summary>
public class OriginTests
{
    [Theory, InlineData("Gpt2"), InlineData("Llama")]
    public void NamedValues(string model)
    {
        var graph = new PassManager(PassManager.Training(CSharpCpuTarget.Rules)).Run(ModelSpecs.Elaborate(model).Variants[0].Training.Graph);
        Snapshot.Verify(Text(graph, ""), model);
    }

    private static string Text(Graph graph, string indent)
    {
        var text = new StringBuilder();
        foreach (var node in graph.Nodes)
        {
            if (node.Origin is { IsNamed: true } origin) text.Append($"{indent}{node.Operation.Name} {string.Join(", ", node.Types.Select(t => t.Shape))} {origin}\n");
            foreach (var region in node.Regions) text.Append($"{indent}scan\n{Text(region, indent + "    ")}");
        }
        return text.ToString();
    }
}
