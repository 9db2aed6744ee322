
namespace ModelDsl.Compiler.Ir;

/// <summary>What shape rules share: broadcasting, axes, element types, and the words of their errors.</summary>
public static class ShapeRules
{
    /// <summary>Numpy's broadcasting: aligned at the last axis, a size of one repeats.</summary>
    /// <param name="verb">"add": for the message.</param>
    /// <exception cref="ShapeException">Two sizes differ and neither is one.</exception>
    public static Shape Broadcast(Shape a, Shape b, string verb)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        var sizes = new Polynomial[rank];
        for (int i = 1; i <= rank; i++)
        {
            var x = i <= a.Rank ? a[-i] : Polynomial.One;
            var y = i <= b.Rank ? b[-i] : Polynomial.One;
            if (!x.Equals(y) && !x.IsOne && !y.IsOne)
                throw new ShapeException($"cannot {verb} {a} and {b}: the sizes {x} and {y} differ, and neither is 1");
            sizes[rank - i] = x.IsOne ? y : x;
        }
        return new Shape(sizes);
    }

    /// <summary>Whether a shape broadcasts to another without changing it.</summary>
    public static bool BroadcastsTo(Shape from, Shape to) => from.Rank <= to.Rank
        && Enumerable.Range(1, from.Rank).All(i => from[-i].IsOne || from[-i].Equals(to[-i]));

    /// <summary>The axis counted from the front.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static int Axis(int axis, int rank, string verb)
    {
        if (axis < -rank || axis >= rank) throw new ShapeException($"cannot {verb} along axis {axis}: the tensor has {rank} axes");
        return axis < 0 ? axis + rank : axis;
    }

    public static void Expect(Node node, string operation, params DType[] dtypes)
    {
        if (!dtypes.Contains(node.DType))
            throw new ShapeException($"{operation} takes {string.Join(" or ", dtypes.Select(d => d.Name()))}, not {node.Type}");
    }

    public static void ExpectSame(Node a, Node b, string operation)
    {
        if (a.DType != b.DType) throw new ShapeException($"{operation} takes two tensors of one type, not {a.Type} and {b.Type}");
    }

    public static void ExpectScalar(Node node, string operation, string what, DType dtype)
    {
        if (node.Type.Shape.Rank != 0 || node.DType != dtype)
            throw new ShapeException($"the {what} of {operation} is a single {dtype.Name()}, not {node.Type}");
    }

    /// <summary>"f32": as the text form writes it.</summary>
    public static string Name(this DType dtype) => dtype.ToString().ToLowerInvariant();

    public static DType Parse(string name) => name switch
    {
        "f32" => DType.F32,
        "i32" => DType.I32,
        "bool" => DType.Bool,
        _ => throw new ArgumentException($"'{name}' is no element type: f32, i32, bool"),
    };

    public static DType DTypeOf(this Attributes attributes) => Parse(attributes.Get<string>("dtype"));
    public static Shape ShapeOf(this Attributes attributes) => attributes.Get<Shape>("shape");
    public static int[] Integers(this Attributes attributes, string name) => attributes.Get<EquatableArray<long>>(name).Select(v => (int)v).ToArray();
    public static Polynomial SizeOf(this Attributes attributes, string name) => attributes.Get<Polynomial>(name);
}
