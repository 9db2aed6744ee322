using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>random {shape, stream} (layer?)</c>: independent normal numbers, mean 0, variance 1, f32: a pure function of seed,
/// step, stream, layer index and element (<see cref="CounterRandom"/>), so that recomputing it gives the same numbers.
/// Inside a scan the input is its index; outside there is none, which is layer 0.
/// </summary>
public sealed class RandomNormal : Operation
{
    public override string Name => "random";

    public override TensorType[] Infer(NodeView node)
    {
        foreach (var layer in node.Inputs) ShapeRules.ExpectScalar(layer, Name, "layer", DType.I32);
        return [new(DType.F32, node.Attributes.ShapeOf())];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) => new Node?[node.Inputs.Count];

    public override DecodeRule Decode(Node node) => DecodeRule.Unsupported;

    public override double[][] Interpret(InterpretCall call)
    {
        long layer = call.Inputs.Count == 0 ? 0 : (long)call.Inputs[0][0];
        ulong key = CounterRandom.Key(call.Seed, call.Step, call.Node.Attributes.Get<string>("stream"), layer);
        return [Enumerable.Range(0, RowMajor.Count(call.ResultShapes[0])).Select(e => CounterRandom.Normal(key, (ulong)e)).ToArray()];
    }

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor RandomNormal(Tensor x)", "Fresh standard normal numbers in the shape of x; the same seed and step give the same ones.", call =>
        {
            var graph = call.Graph;
            string stream = $"{graph.Origin?.Path}#{graph.Nodes.Count(n => n.Is<RandomNormal>())}";
            var attributes = Attributes.None.With("shape", call.Tensor("x").Shape).With("stream", stream);
            return graph.Of(graph.Add(this, call.Index is { } index ? [index] : [], attributes));
        }),
    ];
}
