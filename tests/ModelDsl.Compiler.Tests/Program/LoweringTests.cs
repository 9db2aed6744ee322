using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;
using ModelDsl.Compiler.Tests.Ops;
using ModelDsl.Compiler.Tests.Support;

namespace ModelDsl.Compiler.Tests.Program;

/// <summary>What lowering, placement, memory plan and naming make of a graph has the graph's values.</summary>
public class LoweringTests
{
    [Theory, MemberData(nameof(OperationCases.All), MemberType = typeof(OperationCases))]
    public void EveryOperationAndItsGradient(string operation, string name)
    {
        var example = Example.Of(OperationCases.Get(operation, name));
        LoweredGraph.Check($"{operation}, {name}", new PassManager(PassManager.Forward(CSharpCpuTarget.Rules)).Run(example.WithGradients()), Example.Symbols, example.Inputs, seed: 7);
    }

    public static TheoryData<int> Graphs => [.. Enumerable.Range(3000, 120)];

    [Theory, MemberData(nameof(Graphs))]
    public void RandomGraphsAndTheirGradients(int seed)
    {
        var graph = new PassManager(PassManager.Training(CSharpCpuTarget.Rules)).Run(RandomGraphs.Make(seed));
        var random = new System.Random(9);
        var values = graph.Nodes.Where(n => n.Is<Parameter>()).ToDictionary(p => p.ParameterName(),
            p => Enumerable.Range(0, RowMajor.Count(Example.Sizes(p.Shape))).Select(_ => 2 * random.NextDouble() - 1).ToArray());
        LoweredGraph.Check($"graph {seed}", graph, Example.Symbols, values);
    }

    public static TheoryData<int> Loops => [.. Enumerable.Range(0, 60)];

    [Theory, MemberData(nameof(Loops))]
    public void LoopsOverRandomLayers(int seed)
    {
        var model = RandomLayers.Model(seed);
        foreach (var policy in new[] { RecomputePolicy.Pointwise, RecomputePolicy.None, RecomputePolicy.Layer })
            LoweredGraph.Check($"layer {seed}, {policy}", new PassManager(PassManager.Training(CSharpCpuTarget.Rules, new DifferentiateOptions(policy))).Run(model), Layers.Symbols, Layers.Inputs(model));
    }

    [Fact]
    public void NormalNumbersAreThoseOfTheGraph()
    {
        var graph = new Graph();
        var x = graph.Parameter("x", ParameterKind.Weight, new TensorType(DType.F32, new Shape(Polynomial.Symbol("B"), Polynomial.Symbol("C"))));
        var noise = graph.Of(graph.Add(OperationTable.Get<RandomNormal>(), [], Attributes.None.With("shape", x.Shape).With("stream", "noise")));
        graph.AddResult("loss", (x * noise).SumAll());
        LoweredGraph.Check("noise", new PassManager(PassManager.Training(CSharpCpuTarget.Rules)).Run(graph), Example.Symbols, new Dictionary<string, double[]> { ["x"] = [.. Enumerable.Range(0, 8)] }, seed: 3);
    }
}
