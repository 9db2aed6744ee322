using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Ops;

/// <summary>Attention and rotary embeddings against their definitions, written as loops over elements.</summary>
public class AttentionDefinitionTests
{
    private const int B = 2, T = 4, S = 6, D = 4;
    private readonly System.Random _random = new(11);
    private readonly Graph _graph = new();
    private readonly Dictionary<string, double[]> _inputs = [];

    [Theory]
    [InlineData(true, 4, 4, 0, 0.0)]
    [InlineData(true, 4, 2, 0, 0.0)]
    [InlineData(true, 4, 1, 3, 0.0)]
    [InlineData(false, 2, 2, 0, 0.6)]
    [InlineData(false, 2, 1, 2, 0.0)]
    public void Attention_is_its_definition(bool causal, int heads, int keyHeads, int window, double softCap)
    {
        const double scale = 0.7;
        double[] q = Draw("q", B, T, heads, D), k = Draw("k", B, S, keyHeads, D), v = Draw("v", B, S, keyHeads, D);
        var node = _graph.Add(OperationTable.Get<Attention>(),
            [Input("q", B, T, heads, D), Input("k", B, S, keyHeads, D), Input("v", B, S, keyHeads, D), _graph.Constant(scale), _graph.Constant(softCap), _graph.Constant(window, DType.I32)],
            Attributes.None.With("causal", causal));
        _graph.AddResult("out", _graph.Output(node, 0));
        _graph.AddResult("lse", _graph.Output(node, 1));
        var actual = new Interpreter(new Dictionary<string, long>(), _inputs).Evaluate(_graph);

        for (int b = 0; b < B; b++)
            for (int h = 0; h < heads; h++)
                for (int t = 0; t < T; t++)
                {
                    int keyHead = h / (heads / keyHeads), position = t + S - T;
                    double total = 0;
                    var sum = new double[D];
                    for (int s = 0; s < S; s++)
                    {
                        if (causal && s > position || window > 0 && position - s >= window) continue;
                        double score = scale * Enumerable.Range(0, D).Sum(d => q[((b * T + t) * heads + h) * D + d] * k[((b * S + s) * keyHeads + keyHead) * D + d]);
                        if (softCap > 0) score = softCap * Math.Tanh(score / softCap);
                        double weight = Math.Exp(score);
                        total += weight;
                        for (int d = 0; d < D; d++) sum[d] += weight * v[((b * S + s) * keyHeads + keyHead) * D + d];
                    }
                    Assert.Equal(Math.Log(total), actual["lse"][(b * heads + h) * T + t], 1e-13);
                    for (int d = 0; d < D; d++) Assert.Equal(sum[d] / total, actual["out"][((b * T + t) * heads + h) * D + d], 1e-13);
                }
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    [InlineData(true, 2)]
    public void Rope_turns_pairs(bool interleaved, int rotary)
    {
        double[] x = Draw("x", B, T, 1, D);
        double[] positions = [3, 0, 7, 1];
        _inputs["positions"] = positions;
        var ids = _graph.Parameter("positions", ParameterKind.Input, new TensorType(DType.I32, new Shape(T)));
        var attributes = Attributes.None.With("interleaved", interleaved).With("rotary", Polynomial.Constant(rotary)).With("backward", false);
        var turned = _graph.Of(Input("x", B, T, 1, D)).Apply<Rope>(attributes, ids, _graph.Constant(50));
        _graph.AddResult("turned", turned);
        _graph.AddResult("back", turned.Apply<Rope>(attributes.With("backward", true), ids, _graph.Constant(50)));
        var actual = new Interpreter(new Dictionary<string, long>(), _inputs).Evaluate(_graph);

        double[] expected = [.. x];
        for (int row = 0; row < B * T; row++)
            for (int i = 0; i < rotary / 2; i++)
            {
                double angle = positions[row % T] * Math.Pow(50, -2.0 * i / rotary);
                int first = row * D + (interleaved ? 2 * i : i), second = row * D + (interleaved ? 2 * i + 1 : i + rotary / 2);
                (expected[first], expected[second]) = (x[first] * Math.Cos(angle) - x[second] * Math.Sin(angle), x[first] * Math.Sin(angle) + x[second] * Math.Cos(angle));
            }
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(expected[i], actual["turned"][i], 1e-14);
            Assert.Equal(x[i], actual["back"][i], 1e-14);
        }
    }

    private double[] Draw(string name, params int[] shape) =>
        _inputs[name] = Enumerable.Range(0, shape.Aggregate(1, (p, s) => p * s)).Select(_ => 2 * _random.NextDouble() - 1).ToArray();

    private Node Input(string name, params int[] shape) =>
        _graph.Parameter(name, ParameterKind.Input, new TensorType(DType.F32, new Shape(shape.Select(s => Polynomial.Constant(s)))));
}
