using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;

namespace ModelDsl.Compiler.Tests.Passes;

/// <summary>Random graphs and their gradients, simplified and not, in the interpreter.</summary>
public class SimplifyFuzzTests
{
    /// <summary>Rules reorder sums and products of a few hundred terms; a chain of 25 can amplify some thousandfold.</summary>
    private const double Roundings = 1e6;

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
            Near.Check($"seed {seed}", expected, Evaluate(both, inputs), Roundings);
            Near.Check($"seed {seed}, loss", expected["loss"], Evaluate(simple, inputs)["loss"], Roundings);
        }
    }

    private static Dictionary<string, double[]> Evaluate(Graph graph, Dictionary<string, double[]> inputs) => new Interpreter(Example.Symbols, inputs).Evaluate(graph);

    private static Dictionary<string, double[]> Inputs(Graph graph)
    {
        var random = new System.Random(4);
        return graph.Nodes.Where(n => n.Is<Parameter>()).ToDictionary(p => p.ParameterName(),
            p => Enumerable.Range(0, RowMajor.Count(Example.Sizes(p.Shape))).Select(_ => 2 * random.NextDouble() - 1).ToArray());
    }
}
