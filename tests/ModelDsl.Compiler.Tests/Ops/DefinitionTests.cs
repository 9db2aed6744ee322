using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Ops.Leaves;

namespace ModelDsl.Compiler.Tests.Ops;

/// <summary>Operations on numbers worked out by hand or taken from tables.</summary>
public class DefinitionTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 0.52049987781304654)]
    [InlineData(-1, -0.84270079294971487)]
    [InlineData(2.5, 0.99959304798255504)]
    [InlineData(3.5, 0.99999925690162766)]
    [InlineData(7, 1)]
    public void Erf_has_the_table_values(double x, double expected) => Assert.Equal(expected, Evaluate("erf", [x])[0], 1e-15);

    [Theory]
    [InlineData("sigmoid", 800, 1)]
    [InlineData("sigmoid", -800, 0)]
    [InlineData("rsqrt", 4, 0.5)]
    [InlineData("reciprocal", 8, 0.125)]
    [InlineData("tanh", 1, 0.76159415595576485)]
    [InlineData("log", 0, double.NegativeInfinity)]
    public void Functions_have_their_values(string operation, double x, double expected) => Assert.Equal(expected, Evaluate(operation, [x])[0], 1e-15);

    [Theory]
    [InlineData("matmul", "[B, T, Width]", "[Hidden, Width]", "cannot multiply [B, T, Width] by [Hidden, Width]: the inner sizes Width and Hidden differ")]
    [InlineData("matmul", "[B, T, Width]", "[C, Width, 4]", "cannot multiply [B, T, Width] by [C, Width, 4]: the leading sizes differ")]
    [InlineData("matmul", "[Width]", "[Width, 4]", "cannot multiply [Width] by [Width, 4] as matrices: both need two axes or more")]
    [InlineData("add", "[B, T, Width]", "[Hidden]", "cannot add [B, T, Width] and [Hidden]: the sizes Width and Hidden differ, and neither is 1")]
    [InlineData("mul", "[B, 3]", "[2]", "cannot multiply elementwise [B, 3] and [2]: the sizes 3 and 2 differ, and neither is 1")]
    public void Shapes_that_do_not_fit_are_told_in_words(string operation, string a, string b, string message)
    {
        var graph = new Graph();
        var attributes = operation == "matmul" ? Attributes.None.With("transposeA", false).With("transposeB", false) : Attributes.None;
        var error = Assert.Throws<ShapeException>(() => Input(graph, "a", a).Apply(operation, attributes, Input(graph, "b", b)));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Normal_numbers_are_a_function_of_key_and_counter()
    {
        ulong key = CounterRandom.Key(seed: 1, step: 2, "Latent#0", layer: 3);
        double[] drawn = Enumerable.Range(0, 100_000).Select(e => CounterRandom.Normal(key, (ulong)e)).ToArray();
        Assert.Equal(drawn[77], CounterRandom.Normal(key, 77));
        Assert.NotEqual(drawn[77], CounterRandom.Normal(CounterRandom.Key(1, 2, "Latent#0", 4), 77));

        // Means of n independent draws stray by sigma / sqrt(n): five times that is one in two million.
        double stray = 5 / Math.Sqrt(drawn.Length);
        Assert.InRange(drawn.Average(), -stray, stray);
        Assert.InRange(drawn.Average(x => x * x), 1 - stray * Math.Sqrt(2), 1 + stray * Math.Sqrt(2));
        Assert.InRange(drawn.Average(x => x * x * x * x), 3 - stray * Math.Sqrt(96), 3 + stray * Math.Sqrt(96));
        Assert.InRange(drawn.Zip(drawn.Skip(1), (x, y) => x * y).Average(), -stray, stray);
    }

    /// <summary>The values that every runtime's generator must give.</summary>
    [Fact]
    public void Normal_numbers_are_pinned()
    {
        ulong key = CounterRandom.Key(seed: 42, step: 7, "Latent#0", layer: 1);
        Assert.Equal(0x242C192B26077612UL, key);
        double[] expected = [-0.08048347708851192, 0.11220782934043222, -1.2395358160780428, 0.6242864389872835];
        for (int e = 0; e < expected.Length; e++) Assert.Equal(expected[e], CounterRandom.Normal(key, (ulong)e), 1e-14);
    }

    private static double[] Evaluate(string operation, double[] x)
    {
        var graph = new Graph();
        graph.AddResult("y", Input(graph, "x", $"[{x.Length}]").Apply(operation));
        return new Interpreter(new Dictionary<string, long>(), new Dictionary<string, double[]> { ["x"] = x }).Evaluate(graph)["y"];
    }

    private static Value Input(Graph graph, string name, string shape) => graph.Parameter(name, ParameterKind.Input,
        new TensorType(DType.F32, new Shape(shape.Trim('[', ']').Split(", ").Select(PolynomialParser.Parse))));
}
