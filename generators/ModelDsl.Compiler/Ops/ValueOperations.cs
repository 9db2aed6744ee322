using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>The operations by name, as methods of <see cref="Value"/>. Axes count from the end where they are negative.</summary>
public static class ValueOperations
{
    extension(Value)
    {
        public static Value operator +(Value a, Value b) => a.Apply<Add>(b);
        public static Value operator +(Value a, double b) => a + a.Number(b);
        public static Value operator +(double a, Value b) => b.Number(a) + b;
        public static Value operator -(Value a, Value b) => a.Apply<Sub>(b);
        public static Value operator -(Value a, double b) => a - a.Number(b);
        public static Value operator -(double a, Value b) => b.Number(a) - b;
        public static Value operator *(Value a, Value b) => a.Apply<Mul>(b);
        public static Value operator *(Value a, double b) => a * a.Number(b);
        public static Value operator *(double a, Value b) => b.Number(a) * b;
        public static Value operator /(Value a, Value b) => a.Apply<Div>(b);
        public static Value operator /(Value a, double b) => a / a.Number(b);
        public static Value operator /(double a, Value b) => b.Number(a) / b;
        public static Value operator -(Value a) => a.Apply<Neg>();
    }

    /// <summary>The coordinate along one axis, i32.</summary>
    public static Value Iota(this Graph graph, Shape shape, int axis) =>
        graph.Leaf<Iota>(Attributes.None.With("shape", shape).With("axis", axis));

    public static Value Neg(this Value x) => x.Apply<Neg>();
    public static Value Exp(this Value x) => x.Apply<Exp>();
    public static Value Log(this Value x) => x.Apply<Log>();
    public static Value Sqrt(this Value x) => x.Apply<Sqrt>();
    public static Value Rsqrt(this Value x) => x.Apply<Rsqrt>();
    public static Value Reciprocal(this Value x) => x.Apply<Reciprocal>();
    public static Value Tanh(this Value x) => x.Apply<Tanh>();
    public static Value Erf(this Value x) => x.Apply<Erf>();
    public static Value Sigmoid(this Value x) => x.Apply<Sigmoid>();
    public static Value Sin(this Value x) => x.Apply<Sin>();
    public static Value Cos(this Value x) => x.Apply<Cos>();
    public static Value Abs(this Value x) => x.Apply<Abs>();
    public static Value Not(this Value x) => x.Apply<Not>();
    public static Value StopGradient(this Value x) => x.Apply<StopGradient>();
    public static Value Max(this Value x, Value y) => x.Apply<Max>(y);
    public static Value Min(this Value x, Value y) => x.Apply<Min>(y);
    public static Value Pow(this Value x, Value y) => x.Apply<Pow>(y);
    public static Value Less(this Value x, Value y) => x.Apply<Less>(y);
    public static Value LessEqual(this Value x, Value y) => x.Apply<LessEqual>(y);
    public static Value IsEqual(this Value x, Value y) => x.Apply<Equal>(y);
    public static Value And(this Value x, Value y) => x.Apply<And>(y);
    public static Value Or(this Value x, Value y) => x.Apply<Or>(y);

    /// <summary>This mask choosing between two.</summary>
    public static Value Where(this Value mask, Value a, Value b) => mask.Apply<Where>(a, b);

    public static Value Cast(this Value x, DType dtype) => x.DType == dtype ? x : x.Apply<Cast>(Attributes.None.With("dtype", dtype.Name()));

    public static Value Reshape(this Value x, Shape shape) =>
        x.Shape.Equals(shape) ? x : x.Apply<Reshape>(Attributes.None.With("shape", shape));

    public static Value Transpose(this Value x, params int[] permutation) =>
        x.Apply<Transpose>(Attributes.None.With("permutation", permutation.Select(a => (long)ShapeRules.Axis(a, x.Rank, "transpose")).ToEquatableArray()));

    public static Value Broadcast(this Value x, Shape shape) =>
        x.Shape.Equals(shape) ? x : x.Apply<Broadcast>(Attributes.None.With("shape", shape));

    public static Value Slice(this Value x, int axis, Polynomial start, Polynomial length) => x.Apply<Slice>(Attributes.None
        .With("axis", ShapeRules.Axis(axis, x.Rank, "slice")).With("start", start).With("length", length));

    /// <summary>Zeros before and after along one axis.</summary>
    public static Value Pad(this Value x, int axis, Polynomial before, Polynomial after) => x.Apply<Pad>(Attributes.None
        .With("axis", ShapeRules.Axis(axis, x.Rank, "pad")).With("before", before).With("after", after));

    public static Value Concat(this Graph graph, int axis, params Value[] parts) => parts.Length == 1 ? parts[0]
        : parts[0].Apply<Concat>(Attributes.None.With("axis", ShapeRules.Axis(axis, parts[0].Rank, "concatenate")), parts.Skip(1).ToArray());

    public static Value Sum(this Value x, int axis, bool keep = true) => x.Sum([axis], keep);
    public static Value Sum(this Value x, int[] axes, bool keep) => axes.Length == 0 ? x : x.Apply<Sum>(ReductionAttributes(x, axes, keep));
    public static Value SumAll(this Value x) => x.Sum(Enumerable.Range(0, x.Rank).ToArray(), false);
    public static Value ReduceMax(this Value x, int axis, bool keep = true) => x.Apply<ReduceMax>(ReductionAttributes(x, [axis], keep));
    public static Value Mean(this Value x, int axis, bool keep = true) => x.Sum(axis, keep) / x.Graph.Size(x.Shape[axis]).Cast(DType.F32);
    public static Value MeanAll(this Value x) => x.SumAll() / x.Graph.Size(x.Shape.Count).Cast(DType.F32);

    public static Value MatMul(this Value a, Value b, bool transposeA = false, bool transposeB = false) => a.Apply<MatMul>(
        Attributes.None.With("transposeA", transposeA).With("transposeB", transposeB), b);

    /// <summary>Rows of this table at the ids.</summary>
    public static Value Gather(this Value table, Value ids) => table.Apply<Gather>(ids);

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

    private static Attributes ReductionAttributes(Value x, int[] axes, bool keep) => Attributes.None
        .With("axes", axes.Select(a => (long)ShapeRules.Axis(a, x.Rank, "reduce")).OrderBy(a => a).ToEquatableArray())
        .With("keep", keep);
}
