using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Support;

/// <summary>
/// GPT-2 written straight in the IR: learned positions, layer norms, fused projections with biases, the tanh form of GELU,
/// tied head. Letters as in <see cref="SmallLlama"/>.
/// </summary>
public static class SmallGpt2
{
    private static readonly Polynomial W = Polynomial.Symbol("W"), F = Polynomial.Symbol("F"), L = Polynomial.Symbol("L"), T = Polynomial.Symbol("T");

    private static readonly (string Name, Shape Shape)[] LayerWeights =
    [
        ("Attend.Scale", new(W)), ("Attend.Bias", new(W)), ("Attend.Fused", new(W * 3, W)), ("Attend.FusedBias", new(W * 3)),
        ("Attend.Output", new(W, W)), ("Attend.OutputBias", new(W)), ("Feed.Scale", new(W)), ("Feed.Bias", new(W)),
        ("Feed.Up", new(F, W)), ("Feed.UpBias", new(F)), ("Feed.Down", new(W, F)), ("Feed.DownBias", new(W)),
    ];

    public static Graph Build()
    {
        var graph = new Graph();
        var sequence = new TensorType(DType.I32, new Shape(Polynomial.Symbol("B"), T));
        Value tokens = graph.Parameter("tokens", ParameterKind.Input, sequence), targets = graph.Parameter("targets", ParameterKind.Input, sequence);
        Value Weight(string name, params Polynomial[] shape) => graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, new Shape(shape)));

        Value table = Weight("Token", Polynomial.Symbol("V"), W), position = Weight("Position", T + 3, W);
        var stacks = LayerWeights.Select(w => Weight(w.Name, [L, .. w.Shape.Sizes])).ToArray();
        var x = Layers.Scan(table.Gather(tokens) + position.Gather(graph.Iota(new Shape(T), 0)), L, stacks, [], (y, w, _) => Layer(y, w));
        var last = Normalised(x, Weight("Final.Scale", W), Weight("Final.Bias", W));
        graph.AddResult("loss", Layers.CrossEntropy(last.MatMul(table, false, true), targets));
        return graph;
    }

    private static Value Layer(Value x, Value[] w)
    {
        var graph = x.Graph;
        var fused = Normalised(x, w[0], w[1]).MatMul(w[2], false, true) + w[3];
        var heads = Enumerable.Range(0, 3).Select(i => Layers.SplitHeads(fused.Slice(-1, i * W, W), 4).Node);
        var attention = graph.Add(OperationTable.Get<Attention>(),
            [.. heads, graph.Size(W / 4).Cast(DType.F32).Rsqrt(), graph.Constant(0), graph.Constant(0, DType.I32)], Attributes.None.With("causal", true));
        x += graph.Output(attention, 0).Reshape(x.Shape).MatMul(w[4], false, true) + w[5];

        var up = Normalised(x, w[6], w[7]).MatMul(w[8], false, true) + w[9];
        var gelu = OperationTable.Get("gelu").Surface[0].Build(new SurfaceCall(graph, new Dictionary<string, object> { ["x"] = up.Node, ["tanh"] = true }));
        return x + graph.Of((Node)gelu).MatMul(w[10], false, true) + w[11];
    }

    private static Value Normalised(Value x, Value scale, Value bias)
    {
        var centred = x - x.Mean(-1);
        return centred * ((centred * centred).Mean(-1) + 1e-5).Rsqrt() * scale + bias;
    }
}
