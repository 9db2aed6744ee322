using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;

namespace ModelDsl.Compiler.Tests.Ops;

/// <summary>What must hold of every case of every operation.</summary>
public class OperationTests
{
    public static TheoryData<string, string> Cases => OperationCases.All();

    [Theory, MemberData(nameof(Cases))]
    public void Gradient_agrees_with_finite_differences(string operation, string name)
    {
        var example = Example.Of(OperationCases.Get(operation, name));
        Verifier.Verify(example.Graph);
        var gradients = FiniteDifferences.Gradients(example.Graph, example.Evaluate);
        double magnitude = example.Evaluate(example.Graph).Where(r => r.Key != "loss").Sum(r => r.Value.Sum(Math.Abs));
        FiniteDifferences.Check(example.Inputs, gradients.Where(g => !g.Key.StartsWith("mixture")).ToDictionary(), () => example.Evaluate("loss")[0], magnitude);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradient_agrees_with_that_of_its_meaning(string operation, string name)
    {
        var example = Example.Of(OperationCases.Get(operation, name));
        var direct = FiniteDifferences.Gradients(example.Graph, example.Evaluate);
        var meant = FiniteDifferences.Gradients(Decomposed(example.Graph), example.Evaluate);
        Assert.Equal(direct.Keys, meant.Keys);
        foreach (var (input, gradient) in direct)
            for (int i = 0; i < gradient.Length; i++)
                Assert.True(Near(gradient[i], meant[input][i]), $"{input}[{i}]: {gradient[i]:G17} against {meant[input][i]:G17}");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Text_reads_back(string operation, string name)
    {
        var graph = Example.Of(OperationCases.Get(operation, name)).Graph;
        foreach (string text in new[] { graph, Differentiate.Run(graph, new DifferentiateOptions(Inputs: true)) }.Select(GraphText.Print))
            Assert.Equal(text, GraphText.Print(GraphParser.Parse(text)));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Simplified_means_the_same(string operation, string name)
    {
        var example = Example.Of(OperationCases.Get(operation, name));
        var gradient = Differentiate.Run(example.Graph, new DifferentiateOptions(Inputs: true));
        var simple = Simplify.Run(gradient, differentiated: true);
        Verifier.Verify(simple);
        Assert.Equal(GraphText.Print(simple), GraphText.Print(Simplify.Run(simple, differentiated: true)));
        var before = example.Evaluate(gradient);
        var after = example.Evaluate(simple);
        Assert.Equal(before.Keys, after.Keys);
        foreach (var (result, values) in before)
            for (int i = 0; i < values.Length; i++)
                Assert.True(Near(values[i], after[result][i]), $"{result}[{i}]: {values[i]:G17} against {after[result][i]:G17}");
    }

    /// <summary>A composition is one node until it is decomposed, and then none.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Decomposed_means_the_same(string operation, string name)
    {
        var example = Example.Of(OperationCases.Get(operation, name));
        var decomposed = Decompose.Run(example.Graph);
        Verifier.Verify(decomposed);
        Assert.Equal(OperationTable.Get(operation) is Composition, example.Graph.Nodes.Any(n => n.Operation is Composition));
        Assert.DoesNotContain(decomposed.Nodes, n => n.Operation is Composition);
        var after = example.Evaluate(decomposed);
        foreach (var (result, values) in example.Evaluate(example.Graph)) Assert.Equal(values, after[result]);
    }

    /// <summary>Every elementwise and every fast operation has cases, but for what others are tested through.</summary>
    [Fact]
    public void Operations_have_cases()
    {
        var without = OperationTable.All.Where(o => !o.Cases.Any() && (o.IsPointwise || o.Surface.Count > 0)).Select(o => o.Name);
        Assert.Equal(["random", "stopgradient"], without);
    }

    /// <summary>The two sum the same few hundred terms in another order: 2^-52 each, times a generous thousand.</summary>
    private static bool Near(double a, double b) => Math.Abs(a - b) <= 1e3 * Math.Pow(2, -52) * (1 + Math.Abs(a));

    private static Graph Decomposed(Graph graph)
    {
        var target = new Graph();
        var map = new Dictionary<Node, Node>();
        var meanings = new Dictionary<Node, IReadOnlyList<Node>>();
        foreach (var node in graph.Nodes)
        {
            if (node.Is<Output>())
            {
                map[node] = meanings[node.Inputs[0]][node.Attributes.Int("index")];
                continue;
            }
            var copy = node.CopyTo(target, node.Inputs.Select(i => map[i]).ToArray());
            if (node.Operation.Decompose(target, copy) is { } results) meanings[node] = results;
            map[node] = meanings.TryGetValue(node, out var meaning) ? meaning[0] : copy;
        }
        foreach (var result in graph.Results) target.AddResult(result.Name, map[result.Node]);
        return target;
    }
}
