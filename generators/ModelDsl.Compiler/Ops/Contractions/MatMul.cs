using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>matmul {transposeA, transposeB} (a, b)</c>: [..., M, K] times [..., K, N] gives [..., M, N], f32. Leading axes are
/// equal, or b is one matrix shared by all. A transpose flag swaps the last two axes of its operand first. The order of
/// summation over K is the device's.
/// </summary>
public sealed class MatMul : Operation
{
    public override string Name => "matmul";

    public override TensorType[] Infer(NodeView node)
    {
        Node a = node.Inputs[0], b = node.Inputs[1];
        ShapeRules.Expect(a, Name, DType.F32);
        ShapeRules.Expect(b, Name, DType.F32);
        if (a.Shape.Rank < 2 || b.Shape.Rank < 2) throw new ShapeException($"cannot multiply {a.Shape} by {b.Shape} as matrices: both need two axes or more");
        bool ta = node.Attributes.Get<bool>("transposeA"), tb = node.Attributes.Get<bool>("transposeB");
        Polynomial m = a.Shape[ta ? -1 : -2], k = a.Shape[ta ? -2 : -1], inner = b.Shape[tb ? -1 : -2], n = b.Shape[tb ? -2 : -1];
        if (!k.Equals(inner))
            throw new ShapeException($"cannot multiply {Words(a.Shape, ta)} by {Words(b.Shape, tb)}: the inner sizes {k} and {inner} differ");
        var leading = a.Shape.Sizes.Take(a.Shape.Rank - 2).ToArray();
        if (b.Shape.Rank > 2 && !b.Shape.Sizes.Take(b.Shape.Rank - 2).SequenceEqual(leading))
            throw new ShapeException($"cannot multiply {Words(a.Shape, ta)} by {Words(b.Shape, tb)}: the leading sizes differ");
        return [new(DType.F32, new Shape([.. leading, m, n]))];
    }

    private static string Words(Shape shape, bool transposed) => transposed ? $"{shape} (transposed)" : shape.ToString();

    /// <summary>Per token where the rows are tokens: not what is summed over, and none in b.</summary>
    public override DecodeRule Decode(Node node) => TokenAxis.Of(node.Inputs[1]) is null
        ? TokenAxis.Unless(node, axis => axis == node.Inputs[0].Shape.Rank - (node.Attributes.Get<bool>("transposeA") ? 2 : 1)) : DecodeRule.Unsupported;

    public override double[][] Interpret(InterpretCall call)
    {
        bool ta = call.Node.Attributes.Get<bool>("transposeA"), tb = call.Node.Attributes.Get<bool>("transposeB");
        double[] a = call.Inputs[0], b = call.Inputs[1];
        var shape = call.ResultShapes[0];
        int m = (int)shape[shape.Length - 2], n = (int)shape[shape.Length - 1];
        int k = (int)call.InputShapes[0][shape.Length - (ta ? 2 : 1)];
        var result = new double[RowMajor.Count(shape)];
        for (int batch = 0; batch * m * n < result.Length; batch++)
        {
            int offsetA = batch * m * k, offsetB = call.InputShapes[1].Length == 2 ? 0 : batch * k * n;
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                {
                    double sum = 0;
                    for (int p = 0; p < k; p++) sum += a[offsetA + (ta ? p * m + i : i * k + p)] * b[offsetB + (tb ? j * k + p : p * n + j)];
                    result[(batch * m + i) * n + j] = sum;
                }
        }
        return [result];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results)
    {
        Value a = graph.Of(node.Inputs[0]), b = graph.Of(node.Inputs[1]), g = graph.Of(results[0]!);
        bool ta = node.Attributes.Get<bool>("transposeA"), tb = node.Attributes.Get<bool>("transposeB");
        bool shared = a.Rank > 2 && b.Rank == 2;
        var da = ta && !shared ? b.MatMul(g, tb, true) : g.MatMul(b, false, !tb);
        if (ta && shared) da = da.Transpose(SwapLast(a.Rank));
        return [da.Node, WeightGradient(a, b, g, ta, tb).Node];
    }

    /// <summary>Where b is shared by all of a batch, rows of the batch are rows of one product.</summary>
    private static Value WeightGradient(Value a, Value b, Value g, bool ta, bool tb)
    {
        if (a.Rank > 2 && b.Rank == 2)
        {
            if (ta) a = a.Transpose(SwapLast(a.Rank));
            ta = false;
            a = Rows(a);
            g = Rows(g);
        }
        return tb ? g.MatMul(a, true, ta) : a.MatMul(g, !ta, false);
    }

    private static Value Rows(Value x) => x.Reshape(new Shape(new Shape(x.Shape.Sizes.Take(x.Rank - 1)).Count, x.Shape[-1]));

    private static int[] SwapLast(int rank) => [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2];

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor MatMul(Tensor a, Tensor b)", "Matrix product: [..., M, K] times [K, N] or [..., K, N] gives [..., M, N].",
            call => call.Tensor("a").MatMul(call.Tensor("b"))),
        Method("Tensor Linear(Tensor x, Tensor weight)", "x times the transposed weight: [..., In] and [Out, In] give [..., Out].", call => Project(call)),
        Method("Tensor Linear(Tensor x, Tensor weight, Tensor bias)", "x times the transposed weight, plus bias: [..., In], [Out, In] and [Out] give [..., Out].",
            call => Project(call) + call.Tensor("bias")),
    ];

    private static Value Project(SurfaceCall call)
    {
        Value x = call.Tensor("x"), weight = call.Tensor("weight");
        if (weight.Rank != 2) throw new ShapeException($"the weight of Linear is a matrix [Out, In], not {weight.Shape}");
        return x.Rank == 1 ? x.Expand(0).MatMul(weight, false, true).Reshape(new Shape(weight.Shape[0])) : x.MatMul(weight, false, true);
    }

    public override IEnumerable<OperationCase> Cases =>
        from ta in new[] { false, true }
        from tb in new[] { false, true }
        from leading in new[] { 0, 1, 2 }
        select OperationCase.Of($"{(ta ? "transposed" : "plain")} by {(tb ? "transposed" : "plain")}, {new[] { "matrices", "batch by matrix", "batches" }[leading]}",
            x => x[0].MatMul(x[1], ta, tb),
            CaseInput.Floats([.. leading > 0 ? new object[] { 2, 3 } : [], .. ta ? new object[] { "C", "B" } : ["B", "C"]]),
            CaseInput.Floats([.. leading > 1 ? new object[] { 2, 3 } : [], .. tb ? new object[] { "T", "C" } : ["C", "T"]]));
}
