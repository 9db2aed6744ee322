using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Ops.Leaves;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;

namespace ModelDsl.Compiler.Tests.Passes;

/// <summary>Random graphs and their gradients, simplified and not, in the interpreter.</summary>
public class SimplifyFuzzTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 12)];

    [Theory, MemberData(nameof(Seeds))]
    public void Simplified_graphs_and_gradients_mean_the_same(int block)
    {
        for (int seed = block * 25; seed < block * 25 + 25; seed++)
        {
            var graph = RandomGraphs.Make(seed);
            var simple = Simplify.Run(graph);
            var plain = Differentiate.Run(graph);
            var both = Simplify.Run(Differentiate.Run(simple), differentiated: true);
            foreach (var made in new[] { graph, simple, plain, both }) Verifier.Verify(made);
            Assert.Equal(GraphText.Print(both), GraphText.Print(Simplify.Run(both, differentiated: true)));

            var inputs = Inputs(graph);
            var expected = Evaluate(plain, inputs);
            AssertNear(seed, expected, Evaluate(both, inputs));
            AssertNear(seed, expected, Evaluate(simple, inputs));
        }
    }

    private static Dictionary<string, double[]> Evaluate(Graph graph, Dictionary<string, double[]> inputs) => new Interpreter(Example.Symbols, inputs).Evaluate(graph);

    private static Dictionary<string, double[]> Inputs(Graph graph)
    {
        var random = new System.Random(4);
        return graph.Nodes.Where(n => n.Is("parameter")).ToDictionary(p => p.ParameterName(),
            p => Enumerable.Range(0, RowMajor.Count(Example.Sizes(p.Shape))).Select(_ => 2 * random.NextDouble() - 1).ToArray());
    }

    /// <summary>
    /// Rules reorder sums and products of a few hundred terms; the values are bounded by tanh, so that gradients of a chain
    /// of 25 are at most some thousands: a million roundings of 2^-53, relative to the largest.
    /// </summary>
    private static void AssertNear(int seed, Dictionary<string, double[]> expected, Dictionary<string, double[]> actual)
    {
        foreach (var (name, values) in actual)
            for (int i = 0; i < values.Length; i++)
                Assert.True(Math.Abs(values[i] - expected[name][i]) <= 1e6 * Math.Pow(2, -53) * (1 + expected[name].Max(Math.Abs)),
                    $"seed {seed}, {name}[{i}]: {values[i]:G17}, expected {expected[name][i]:G17}");
    }
}
