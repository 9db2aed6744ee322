using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Support;

/// <summary>
/// A decoder written straight in the IR: RMS norms, rotary grouped-query attention, a gated feed-forward, layers in a scan
/// or unrolled, tied head, cross-entropy. Legend: V vocabulary, W width, L layers, H heads, K key heads, F feed-forward.
/// </summary>
public static class SmallLlama
{
    private static readonly Polynomial W = Polynomial.Symbol("W"), F = Polynomial.Symbol("F"), L = Polynomial.Symbol("L"), V = Polynomial.Symbol("V");
    private const int Heads = 4, KeyHeads = 2;

    private static readonly (string Name, Shape Shape)[] LayerWeights =
    [
        ("Attend.Norm", new(W)), ("Attend.Query", new(W, W)), ("Attend.Key", new(W / 2, W)), ("Attend.Value", new(W / 2, W)), ("Attend.Output", new(W, W)),
        ("Feed.Norm", new(W)), ("Feed.GateUp", new(F * 2, W)), ("Feed.Down", new(W, F)),
    ];

    /// <param name="unroll">Write the layers one after another, at the layer count of <see cref="Layers.Symbols"/>.</param>
    public static Graph Build(bool unroll = false)
    {
        var graph = new Graph();
        var sequence = new TensorType(DType.I32, new Shape(Polynomial.Symbol("B"), Polynomial.Symbol("T")));
        var tokens = graph.Parameter("tokens", ParameterKind.Input, sequence);
        var targets = graph.Parameter("targets", ParameterKind.Input, sequence);
        var table = graph.Parameter("Token", ParameterKind.Weight, new TensorType(DType.F32, new Shape(V, W)));
        var norm = graph.Parameter("Final.Norm", ParameterKind.Weight, new TensorType(DType.F32, new Shape(W)));
        var layers = unroll ? Polynomial.Constant(Layers.Symbols["L"]) : L;
        var stacks = LayerWeights.Select(w => graph.Parameter(w.Name, ParameterKind.Weight, Scan.Stacked(new TensorType(DType.F32, w.Shape), layers))).ToArray();

        var x = table.Gather(tokens);
        var positions = graph.Iota(new Shape(Polynomial.Symbol("T")), 0);
        if (unroll)
            for (int layer = 0; layer < Layers.Symbols["L"]; layer++)
                x = Layer(x, stacks.Select(s => s.Slice(0, layer, 1).Reshape(new Shape(s.Shape.Sizes.Skip(1)))).ToArray(), positions, graph.Constant(layer, DType.I32));
        else
            x = Layers.Scan(x, L, stacks, [positions], (y, weights, shared) => Layer(y, weights, shared[0], y.Graph.Index()));

        graph.AddResult("loss", Layers.CrossEntropy(Normalised(x, norm).MatMul(table, false, true), targets));
        return graph;
    }

    private static Value Layer(Value x, Value[] w, Value positions, Value index)
    {
        var graph = x.Graph;
        graph.Origin = new Origin("Attend", "", 0);
        var attended = Normalised(x, w[0]);
        Value q = Turned(attended.MatMul(w[1], false, true), Heads, positions), k = Turned(attended.MatMul(w[2], false, true), KeyHeads, positions);
        var v = Layers.SplitHeads(attended.MatMul(w[3], false, true), KeyHeads);
        var window = index.Apply<Mod>(index.Number(2)) * 2;
        var attention = graph.Add(OperationTable.Get<Attention>(), [q, k, v, graph.Size(W / Heads).Cast(DType.F32).Rsqrt(), graph.Constant(0), window], Attributes.None.With("causal", true));
        x += graph.Output(attention, 0).Reshape(x.Shape).MatMul(w[4], false, true);

        graph.Origin = new Origin("Feed", "", 0);
        var both = Normalised(x, w[5]).MatMul(w[6], false, true);
        Value gate = both.Slice(-1, 0, F), up = both.Slice(-1, F, F);
        return x + (gate * gate.Sigmoid() * up).MatMul(w[7], false, true);
    }

    private static Value Normalised(Value x, Value scale) => x * ((x * x).Mean(-1) + 1e-5).Rsqrt() * scale;

    private static Value Turned(Value x, int heads, Value positions)
    {
        var split = Layers.SplitHeads(x, heads);
        return split.Apply<Rope>(Attributes.None.With("interleaved", false).With("rotary", split.Shape[3]).With("backward", false), positions, split.Number(10000));
    }
}
