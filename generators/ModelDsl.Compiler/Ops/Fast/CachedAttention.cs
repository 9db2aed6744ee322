using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>cachedattention {state, causal} (q, k, v, scale, softcap, window, start, layer)</c>: causal attention of new tokens in a graph
/// for inference. q [B, T, H, D] are the queries of the tokens at positions start to start + T - 1; k and v [B, T, K, D] are
/// appended to the cache of this name and layer, which holds those of positions 0 to start - 1; the result, like q, is that
/// of <see cref="Attention"/> over the cache. start and layer are i32 scalars.
/// </summary>
public sealed class CachedAttention : Operation
{
    /// <summary>Places of its inputs.</summary>
    public const int Keys = 1, Values = 2, Scalars = 3, Start = 6, Layer = 7;

    public override IReadOnlyList<StateSpec> States(Node node) =>
    [
        new("Keys", Token(node.Inputs[Keys]), PerPosition: true, Appended: Keys), new("Values", Token(node.Inputs[Values]), PerPosition: true, Appended: Values),
    ];

    private static Shape Token(Node rows) => new(rows.Shape.Sizes.Skip(2));

    public override string Name => "cachedattention";

    public override TensorType[] Infer(NodeView node)
    {
        Attention.Check(new NodeView(node.Inputs.Take(6).ToArray(), node.Attributes, node.Regions), Name);
        ShapeRules.ExpectScalar(node.Inputs[6], Name, "start", DType.I32);
        ShapeRules.ExpectScalar(node.Inputs[7], Name, "layer", DType.I32);
        return [node.Inputs[0].Type];
    }

    /// <summary>The cache is kept in the interpreter's memory, and the attention over it is evaluated by its meaning.</summary>
    public override double[][] Interpret(InterpretCall call)
    {
        long[] q = call.InputShapes[0], k = call.InputShapes[1];
        int start = (int)call.Inputs[6][0];
        double[] keys = Append(call, call.State("Keys"), call.Inputs[1], start, k), values = Append(call, call.State("Values"), call.Inputs[2], start, k);

        var graph = new Graph();
        var all = new Shape(k[0], start + k[1], k[2], k[3]);
        var inputs = new Dictionary<string, double[]> { ["q"] = call.Inputs[0], ["k"] = keys, ["v"] = values };
        var nodes = new List<Node> { Parameter("q", new Shape(q.Select(s => (Polynomial)s))), Parameter("k", all), Parameter("v", all) };
        nodes.AddRange(call.Node.Inputs.Skip(3).Take(3).Select((n, i) => graph.Constant(call.Inputs[3 + i][0], n.DType).Node));
        graph.AddResult("out", graph.Output(graph.Add(OperationTable.Get<Attention>(), nodes, Attributes.None.With("causal", true)), 0));
        return [new Interpreter(call.Symbols, inputs).Evaluate(graph)["out"]];

        Node Parameter(string name, Shape shape) => graph.Parameter(name, "input", new TensorType(DType.F32, shape));
    }

    /// <summary>The first <paramref name="start"/> positions of what is kept, then the new ones: [B, start + T, K, D].</summary>
    private static double[] Append(InterpretCall call, string name, double[] added, int start, long[] shape)
    {
        int batch = (int)shape[0], row = (int)(shape[2] * shape[3]), count = (int)shape[1] * row;
        double[] before = start == 0 ? [] : call.Memory[name];
        int stride = before.Length / Math.Max(1, batch);
        if (stride < start * row) throw new InvalidOperationException($"the cache {name} holds {stride / row} positions, fewer than {start}");
        var all = Enumerable.Range(0, batch).SelectMany(b => before.Skip(b * stride).Take(start * row).Concat(added.Skip(b * count).Take(count))).ToArray();
        return call.Memory[name] = all;
    }
}
