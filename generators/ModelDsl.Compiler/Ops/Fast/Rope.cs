using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>rope {interleaved, rotary, backward} (x, positions, theta)</c>: rotary position embedding (Su et al., 2021). x
/// [B, T, H, D], positions i32 [T] or [B, T], theta an f32 scalar. Of the D elements of a head the first rotary turn, in
/// pairs: pair i of R / 2 by the angle position * theta^(-2 i / R). Pairs are (2 i, 2 i + 1) where interleaved holds and
/// (i, i + R / 2) otherwise. backward turns the other way, which is the gradient. No gradient flows to theta.
/// </summary>
public sealed class Rope : Operation
{
    public override string Name => "rope";

    public override TensorType[] Infer(NodeView node)
    {
        Shape x = node.Inputs[0].Shape, positions = node.Inputs[1].Shape;
        ShapeRules.Expect(node.Inputs[0], Name, DType.F32);
        ShapeRules.Expect(node.Inputs[1], Name, DType.I32);
        ShapeRules.ExpectScalar(node.Inputs[2], Name, "theta", DType.F32);
        if (x.Rank != 4) throw new ShapeException($"{Name} takes a tensor [batch, length, heads, head size], not {x}");
        if (positions.Rank is < 1 or > 2 || !positions[-1].Equals(x[1]) || positions.Rank == 2 && !positions[0].Equals(x[0]))
            throw new ShapeException($"the positions {positions} of {Name} are not those of {x}: [{x[1]}] or [{x[0]}, {x[1]}]");
        Polynomial rotary = node.Attributes.SizeOf("rotary"), rest = x[3] - rotary;
        if (rotary.IsConstant && rotary.Value % 2 != 0) throw new ShapeException($"{Name} turns pairs: {rotary} elements are an odd number");
        if (rest.IsConstant && rest.Value < 0) throw new ShapeException($"{Name} cannot turn {rotary} elements of heads of {x[3]}");
        return [node.Inputs[0].Type];
    }

    public override DecodeRule Decode(Node node) => DecodeRule.PerToken;

    public override IEnumerable<Quotient> Divisions(Node node) => [new(node.Attributes.SizeOf("rotary"), 2)];

    public override IReadOnlyList<Node> Decompose(Graph graph, Node node)
    {
        Value x = graph.Of(node.Inputs[0]), positions = graph.Of(node.Inputs[1]), theta = graph.Of(node.Inputs[2]);
        Polynomial rotary = node.Attributes.SizeOf("rotary"), half = rotary / 2;
        var powers = graph.Iota(new Shape(half), 0).Cast(DType.F32) * (-2 / graph.Size(rotary).Cast(DType.F32));
        var angles = positions.Cast(DType.F32).Expand(-1).Expand(-1) * (powers * theta.Log()).Exp();
        Value cos = angles.Cos(), sin = node.Attributes.Get<bool>("backward") ? -angles.Sin() : angles.Sin();

        var turned = node.Attributes.Get<bool>("interleaved") ? Interleaved(x.Slice(-1, 0, rotary), half, cos, sin) : Halves(x, half, cos, sin);
        var rest = x.Shape[3] - rotary;
        return [rest.IsZero ? turned : graph.Concat(-1, turned, x.Slice(-1, rotary, rest))];
    }

    private static Value Halves(Value x, Polynomial half, Value cos, Value sin)
    {
        Value a = x.Slice(-1, 0, half), b = x.Slice(-1, half, half);
        return x.Graph.Concat(-1, a * cos - b * sin, b * cos + a * sin);
    }

    private static Value Interleaved(Value x, Polynomial half, Value cos, Value sin)
    {
        var pairs = x.Reshape(new Shape([.. x.Shape.Sizes.Take(3), half, 2]));
        Value a = pairs.Slice(-1, 0, 1), b = pairs.Slice(-1, 1, 1);
        cos = cos.Expand(-1);
        sin = sin.Expand(-1);
        return x.Graph.Concat(-1, a * cos - b * sin, b * cos + a * sin).Reshape(x.Shape);
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
    [
        graph.Add(this, [results[0]!, node.Inputs[1], node.Inputs[2]], node.Attributes.With("backward", !node.Attributes.Get<bool>("backward"))), null, null,
    ];

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Rope(Tensor x, Tokens positions, float theta = 10000, bool interleaved = false, int rotary = 0)",
            """
            Rotary position embedding of x [B, T, H, D] at positions [T] or [B, T].
            interleaved: pairs are neighbours (2 i, 2 i + 1), as in GPT-J and Meta's Llama; otherwise (i, i + rotary / 2),
            as in GPT-NeoX and Hugging Face's Llama. rotary: how many elements of a head turn; 0 is all.
            """, call =>
            {
                var x = call.Tensor("x");
                var rotary = call.Size("rotary", Polynomial.Zero);
                return x.Apply(this, Attributes.None.With("interleaved", call.Flag("interleaved"))
                        .With("rotary", rotary.IsZero && x.Rank > 0 ? x.Shape[-1] : rotary).With("backward", false),
                    call.Tensor("positions"), call.Scalar("theta", 10000));
            }),
    ];

    public override IEnumerable<OperationCase> Cases =>
    [
        Case("halves", false, 6, false, "T"),
        Case("halves, part of the head", false, 4, false, "T"),
        Case("interleaved", true, 6, false, "B", "T"),
        Case("interleaved, part of the head", true, 2, false, "T"),
        Case("backward", false, 6, true, "B", "T"),
    ];

    private static OperationCase Case(string name, bool interleaved, long rotary, bool backward, params object[] positions) => OperationCase.Of(name,
        x => x[0].Apply<Rope>(Attributes.None.With("interleaved", interleaved).With("rotary", Polynomial.Constant(rotary)).With("backward", backward),
            x[1], x[0].Graph.Constant(100)),
        CaseInput.Floats("B", "T", 2, 6), CaseInput.Integers(9, positions));
}
