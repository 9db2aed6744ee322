using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Ir;

/// <summary>The operations by name, as methods of <see cref="Value"/>. Axes count from the end where they are negative.</summary>
public static class ValueOperations
{
    public static Value Of(this Graph graph, Node node) => new(graph, node);

    public static Value Constant(this Graph graph, double value, DType dtype = DType.F32) =>
        graph.Leaf("constant", Attributes.None.With("value", value).With("dtype", dtype.Name()));

    /// <summary>A size as an i32 scalar.</summary>
    public static Value Size(this Graph graph, Polynomial value) => graph.Leaf("size", Attributes.None.With("value", value));

    /// <summary>The coordinate along one axis, i32.</summary>
    public static Value Iota(this Graph graph, Shape shape, int axis) =>
        graph.Leaf("iota", Attributes.None.With("shape", shape).With("axis", axis));

    /// <summary>The layer index of the surrounding scan.</summary>
    public static Value Index(this Graph graph) => graph.Leaf("index", Attributes.None);

    public static Value Hyper(this Graph graph, string name) => graph.Leaf("hyper", Attributes.None.With("name", name));

    /// <param name="kind">See <see cref="ParameterKind"/>.</param>
    public static Value Parameter(this Graph graph, string name, string kind, TensorType type) => graph.Leaf("parameter",
        Attributes.None.With("name", name).With("kind", kind).With("dtype", type.DType.Name()).With("shape", type.Shape));

    /// <summary>One result of a node of several, or of a scan.</summary>
    public static Value Output(this Graph graph, Node node, int index) =>
        graph.Of(graph.Add(OperationTable.Get("output"), [node], Attributes.None.With("index", index)));

    public static Value Neg(this Value x) => x.Apply("neg");
    public static Value Exp(this Value x) => x.Apply("exp");
    public static Value Log(this Value x) => x.Apply("log");
    public static Value Sqrt(this Value x) => x.Apply("sqrt");
    public static Value Rsqrt(this Value x) => x.Apply("rsqrt");
    public static Value Reciprocal(this Value x) => x.Apply("reciprocal");
    public static Value Tanh(this Value x) => x.Apply("tanh");
    public static Value Erf(this Value x) => x.Apply("erf");
    public static Value Sigmoid(this Value x) => x.Apply("sigmoid");
    public static Value Sin(this Value x) => x.Apply("sin");
    public static Value Cos(this Value x) => x.Apply("cos");
    public static Value Abs(this Value x) => x.Apply("abs");
    public static Value Not(this Value x) => x.Apply("not");
    public static Value StopGradient(this Value x) => x.Apply("stopgradient");
    public static Value Max(this Value x, Value y) => x.Apply("max", y);
    public static Value Min(this Value x, Value y) => x.Apply("min", y);
    public static Value Pow(this Value x, Value y) => x.Apply("pow", y);
    public static Value Less(this Value x, Value y) => x.Apply("less", y);
    public static Value LessEqual(this Value x, Value y) => x.Apply("lessequal", y);
    public static Value IsEqual(this Value x, Value y) => x.Apply("equal", y);
    public static Value And(this Value x, Value y) => x.Apply("and", y);
    public static Value Or(this Value x, Value y) => x.Apply("or", y);

    /// <summary>This mask choosing between two.</summary>
    public static Value Where(this Value mask, Value a, Value b) => mask.Apply("where", a, b);

    public static Value Cast(this Value x, DType dtype) => x.DType == dtype ? x : x.Apply("cast", Attributes.None.With("dtype", dtype.Name()));

    public static Value Reshape(this Value x, Shape shape) =>
        x.Shape.Equals(shape) ? x : x.Apply("reshape", Attributes.None.With("shape", shape));

    public static Value Transpose(this Value x, params int[] permutation) =>
        x.Apply("transpose", Attributes.None.With("permutation", permutation.Select(a => (long)ShapeRules.Axis(a, x.Rank, "transpose")).ToEquatableArray()));

    public static Value Broadcast(this Value x, Shape shape) =>
        x.Shape.Equals(shape) ? x : x.Apply("broadcast", Attributes.None.With("shape", shape));

    public static Value Slice(this Value x, int axis, Polynomial start, Polynomial length) => x.Apply("slice", Attributes.None
        .With("axis", ShapeRules.Axis(axis, x.Rank, "slice")).With("start", start).With("length", length));

    /// <summary>Zeros before and after along one axis.</summary>
    public static Value Pad(this Value x, int axis, Polynomial before, Polynomial after) => x.Apply("pad", Attributes.None
        .With("axis", ShapeRules.Axis(axis, x.Rank, "pad")).With("before", before).With("after", after));

    public static Value Concat(this Graph graph, int axis, params Value[] parts) => parts.Length == 1 ? parts[0]
        : parts[0].Apply("concat", Attributes.None.With("axis", ShapeRules.Axis(axis, parts[0].Rank, "concatenate")), parts.Skip(1).ToArray());

    public static Value Sum(this Value x, int axis, bool keep = true) => x.Sum([axis], keep);
    public static Value Sum(this Value x, int[] axes, bool keep) => axes.Length == 0 ? x : x.Apply("sum", ReductionAttributes(x, axes, keep));
    public static Value SumAll(this Value x) => x.Sum(Enumerable.Range(0, x.Rank).ToArray(), false);
    public static Value ReduceMax(this Value x, int axis, bool keep = true) => x.Apply("reducemax", ReductionAttributes(x, [axis], keep));
    public static Value Mean(this Value x, int axis, bool keep = true) => x.Sum(axis, keep) / x.Graph.Size(x.Shape[axis]).Cast(DType.F32);
    public static Value MeanAll(this Value x) => x.SumAll() / x.Graph.Size(x.Shape.Count).Cast(DType.F32);

    public static Value MatMul(this Value a, Value b, bool transposeA = false, bool transposeB = false) => a.Apply("matmul",
        Attributes.None.With("transposeA", transposeA).With("transposeB", transposeB), b);

    /// <summary>Rows of this table at the ids.</summary>
    public static Value Gather(this Value table, Value ids) => table.Apply("gather", ids);

    /// <summary>Undoes a broadcast: sums over the axes along which the shape is repeated in this.</summary>
    public static Value SumTo(this Value x, Shape shape)
    {
        if (x.Shape.Equals(shape)) return x;
        int leading = x.Rank - shape.Rank;
        int[] inner = Enumerable.Range(leading, shape.Rank).Where(a => shape[a - leading].IsOne && !x.Shape[a].IsOne).ToArray();
        if (leading == 0) return x.Sum(inner, true);
        return x.Sum([.. Enumerable.Range(0, leading), .. inner], false).Reshape(shape);
    }

    /// <summary>This with an axis of size one more.</summary>
    public static Value Expand(this Value x, int axis)
    {
        var sizes = x.Shape.Sizes.ToList();
        sizes.Insert(axis < 0 ? x.Rank + 1 + axis : axis, Polynomial.One);
        return x.Reshape(new Shape(sizes));
    }

    private static Value Leaf(this Graph graph, string operation, Attributes attributes) =>
        graph.Of(graph.Add(OperationTable.Get(operation), [], attributes));

    private static Attributes ReductionAttributes(Value x, int[] axes, bool keep) => Attributes.None
        .With("axes", axes.Select(a => (long)ShapeRules.Axis(a, x.Rank, "reduce")).OrderBy(a => a).ToEquatableArray())
        .With("keep", keep);
}
