using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Runtime.Cpu;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Emitted;

/// <summary>Random graphs and their gradients through fusion, placement, memory plan and printer.</summary>
public class BackendFuzzTests
{
    /// <summary>Of the largest magnitude: chains of 25 operations that are mostly tanh, each rounding at 6e-8, amplified a hundredfold at most.</summary>
    private const double Tolerance = 2e-4;

    /// <summary>Where terms of order one cancel, some dozen of their roundings of 6e-8 are left.</summary>
    private const double Absolute = 2e-6;

    private const int First = 3000;

    private static int Graphs => Sweep.IsFull ? 120 : 40;

    [Fact]
    public void RandomGraphsAgreeWithTheInterpreterWhateverTheMemory()
    {
        var graphs = Enumerable.Range(First, Graphs).Select(seed => new PassManager(PassManager.Training(CSharpCpuTarget.Rules)).Run(RandomGraphs.Make(seed))).ToArray();
        var shared = GraphCompiler.Compile(graphs, Example.Symbols);
        var apart = GraphCompiler.Compile(graphs, Example.Symbols, shareMemory: false);
        using var device = new CpuDevice(2);
        for (int i = 0; i < graphs.Length; i++)
        {
            var values = Values(graphs[i]);
            var expected = new Interpreter(Example.Symbols, values).Evaluate(graphs[i]);
            var actual = EmittedRun.Evaluate(shared[i], graphs[i], Example.Symbols, values, device);
            var roomy = EmittedRun.Evaluate(apart[i], graphs[i], Example.Symbols, values, device);
            foreach (var (result, numbers) in expected)
            {
                BackendTests.Check($"graph {First + i}: {result}", numbers, actual[result], Tolerance, Absolute);
                Assert.Equal(roomy[result], actual[result]);
            }
            Assert.True(shared[i].Prepare() <= apart[i].Prepare());
        }
    }

    private static Dictionary<string, double[]> Values(Graph graph)
    {
        var random = new System.Random(9);
        return graph.Nodes.Where(n => n.Is<Parameter>()).ToDictionary(p => p.ParameterName(),
            p => Enumerable.Range(0, RowMajor.Count(Example.Sizes(p.Shape))).Select(_ => (double)(float)(2 * random.NextDouble() - 1)).ToArray());
    }
}
