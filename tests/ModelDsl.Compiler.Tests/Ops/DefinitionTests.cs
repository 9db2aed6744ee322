using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Tests.Support;

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
    [InlineData("Softmax", new[] { 0.0900305731703805, 0.2447284710547977, 0.6652409557748219 })]
    [InlineData("LogSoftmax", new[] { -2.4076059644443806, -1.4076059644443804, -0.4076059644443804 })]
    [InlineData("Silu", new[] { 0.7310585786300049, 1.7615941559557649, 2.8577223804673 })]
    [InlineData("Gelu", new[] { 0.8413447460685429, 1.9544997361036416, 2.9959503059051096 })]
    [InlineData("Softplus", new[] { 1.3132616875182228, 2.1269280110429727, 3.048587351573742 })]
    [InlineData("Relu", new[] { 1.0, 2, 3 })]
    [InlineData("Mean", new[] { 2.0 })]
    [InlineData("Variance", new[] { 0.6666666666666666 })]
    [InlineData("Sum", new[] { 6.0 })]
    [InlineData("Max", new[] { 3.0 })]
    public void Compositions_of_one_two_three_have_their_values(string method, double[] expected)
    {
        var graph = new Graph();
        var surface = OperationTable.All.SelectMany(o => o.Surface).First(m => m.Name == method);
        graph.AddResult("y", (Node)surface.Build(new SurfaceCall(graph, new Dictionary<string, object> { ["x"] = Input(graph, "x", "[3]").Node })));
        double[] actual = new Interpreter(new Dictionary<string, long>(), new Dictionary<string, double[]> { ["x"] = [1, 2, 3] }).Evaluate(graph)["y"];
        Near.Check(method, expected, actual, roundings: 16);
    }

    /// <summary>Of x = [[0, 1, 2], [3, 4, 5]].</summary>
    [Theory]
    [InlineData("transpose %0 permutation=(1, 0) : f32[3, 2]", new double[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData("slice %0 axis=1 length={2} start={1} : f32[2, 2]", new double[] { 1, 2, 4, 5 })]
    [InlineData("pad %0 axis=0 before={1} after={0} : f32[3, 3]", new double[] { 0, 0, 0, 0, 1, 2, 3, 4, 5 })]
    [InlineData("concat %0, %0 axis=1 : f32[2, 6]", new double[] { 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5 })]
    [InlineData("broadcast %0 shape=[2, 2, 3] : f32[2, 2, 3]", new double[] { 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5 })]
    [InlineData("sum %0 axes=(0) keep=false : f32[3]", new double[] { 3, 5, 7 })]
    [InlineData("reducemax %0 axes=(1) keep=true : f32[2, 1]", new double[] { 2, 5 })]
    [InlineData("matmul %0, %0 transposeA=false transposeB=true : f32[2, 2]", new double[] { 5, 14, 14, 50 })]
    [InlineData("matmul %0, %0 transposeA=true transposeB=false : f32[3, 3]", new double[] { 9, 12, 15, 12, 17, 22, 15, 22, 29 })]
    public void Elements_are_where_they_belong(string operation, double[] expected)
    {
        var graph = GraphParser.Parse($"%0 = parameter dtype=\"f32\" kind=\"input\" name=\"x\" shape=[2, 3] : f32[2, 3]\n%1 = {operation}\nresult \"y\" %1");
        Assert.Equal(expected, new Interpreter(new Dictionary<string, long>(), new Dictionary<string, double[]> { ["x"] = [0, 1, 2, 3, 4, 5] }).Evaluate(graph)["y"]);
    }

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
        var error = Assert.Throws<ShapeException>(() => Input(graph, "a", a).Apply(OperationTable.Get(operation), attributes, Input(graph, "b", b)));
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
        graph.AddResult("y", Input(graph, "x", $"[{x.Length}]").Apply(OperationTable.Get(operation)));
        return new Interpreter(new Dictionary<string, long>(), new Dictionary<string, double[]> { ["x"] = x }).Evaluate(graph)["y"];
    }

    private static Value Input(Graph graph, string name, string shape) => graph.Parameter(name, ParameterKind.Input,
        new TensorType(DType.F32, new Shape(shape.Trim('[', ']').Split(", ").Select(PolynomialParser.Parse))));
}
