using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>
/// The operators. Ints that depend on hyperparameters alone stay polynomials, floats that are known stay numbers; with a
/// number that is known at run time only, or a tensor, they become nodes.
/// </summary>
internal sealed class Arithmetic(Context context)
{
    /// <summary>Of the expression in hyperparameters that a number of the host is.</summary>
    private const int LongestNumber = 1_000;

    private readonly Dictionary<Node, int> _lengths = [];

    public SpecValue Binary(string op, SpecValue a, SpecValue b, int anchor) => (a, b) switch
    {
        (IntValue x, IntValue y) => Sizes(op, x.Size, y.Size, anchor),
        (BoolValue x, BoolValue y) => new BoolValue(Truth(op, x.Truth, y.Truth)),
        (EnumValue x, EnumValue y) => new BoolValue(x.Equals(y) == (op == "==")),
        (BoolValue x, NumberValue) when op is "&&" or "||" => x.Truth == (op == "||") ? x : b,
        (NumberValue, BoolValue y) when op is "&&" or "||" => y.Truth == (op == "||") ? y : a,
        (FloatValue or IntValue, FloatValue or IntValue) when Known(a) is { } x && Known(b) is { } y => Floats(op, x, y),
        (TensorValue, _) or (_, TensorValue) => new TensorValue(Nodes(op, ToTensor(a), ToTensor(b))),
        _ => Number(Numbers(op, a, b, anchor)),
    };

    public SpecValue Unary(string op, SpecValue value, int anchor) => value switch
    {
        IntValue x => new IntValue(-x.Size),
        FloatValue x => new FloatValue(-x.Number),
        BoolValue x => new BoolValue(!x.Truth),
        TensorValue x => new TensorValue(context.Graph.Of(x.Node).Neg()),
        NumberValue x when op == "!" => Number(context.Graph.Of(x.Node).Not()),
        NumberValue x => Number(context.Graph.Of(x.Node).Neg()),
        _ => throw context.Fail(Catalogue.OperandKind, anchor, op, value.Kind),
    };

    public SpecValue Cast(string type, SpecValue value, int anchor) => (type, value) switch
    {
        ("int", IntValue) => value,
        ("int", FloatValue x) => new IntValue((long)x.Number),
        ("int", NumberValue x) => Number(Cast(x.Node, DType.I32)),
        ("float" or "double", IntValue or FloatValue or NumberValue) => ToFloat(value),
        ("float" or "double", TensorValue) => value,
        _ => throw context.Fail(Catalogue.OperandKind, anchor, $"({type})", value.Kind),
    };

    /// <summary>condition ? a : b on a condition that is known at run time only; null where that cannot be.</summary>
    public SpecValue? Choose(SpecValue condition, SpecValue a, SpecValue b)
    {
        if (condition is not NumberValue { Node.DType: DType.Bool } chosen) return null;
        if (a.Equals(b)) return a;
        if (a is not (IntValue or FloatValue or NumberValue) || b is not (IntValue or FloatValue or NumberValue)) return null;
        var (x, y) = (ToNumber(a), ToNumber(b));
        if (x.DType != y.DType) (x, y) = (Cast(x, DType.F32), Cast(y, DType.F32));
        return Number(context.Graph.Of(chosen.Node).Where(context.Graph.Of(x), context.Graph.Of(y)));
    }

    /// <summary>An int as a float; a float as it is.</summary>
    public SpecValue ToFloat(SpecValue value) => value switch
    {
        IntValue { Size: { IsConstant: true } size } => new FloatValue(size.Value),
        IntValue or NumberValue => Number(Cast(ToNumber(value), DType.F32)),
        _ => value,
    };

    /// <summary>A number that is known at run time only.</summary>
    /// <exception cref="SizeException">It is too long a formula.</exception>
    public NumberValue Number(Node node) =>
        Length(node) <= LongestNumber ? new NumberValue(node) : throw new SizeException($"it is computed by more than {LongestNumber} operations");

    /// <summary>An int as an i32 scalar.</summary>
    private Node Int(Polynomial size) => size.IsConstant ? context.Graph.Constant(size.Value, DType.I32) : context.Graph.Size(size);

    public Node Cast(Node node, DType type) => context.Graph.Of(node).Cast(type);

    /// <summary>How many operations the formula of a number has, written out.</summary>
    private int Length(Node node)
    {
        if (!_lengths.TryGetValue(node, out int length))
            _lengths.Add(node, length = Math.Min(LongestNumber + 1, 1 + node.Inputs.Sum(Length)));
        return length;
    }

    /// <summary>A number as a node of rank 0.</summary>
    public Node ToNumber(SpecValue value) => value switch
    {
        IntValue x => Int(x.Size),
        FloatValue x => context.Graph.Constant(x.Number),
        NumberValue x => context.Region.Use(x.Node),
        _ => throw new ArgumentException($"{value.Kind} is no number"),
    };

    /// <summary>A tensor that one can calculate with: a comparison is 1 where it holds.</summary>
    public Node ToTensor(SpecValue value)
    {
        var node = value is TensorValue tensor ? tensor.Node : ToNumber(value);
        return value is TensorValue && node.DType != DType.Bool ? node : Cast(node, DType.F32);
    }

    private Node Numbers(string op, SpecValue a, SpecValue b, int anchor)
    {
        if (a is not (IntValue or FloatValue or NumberValue)) throw context.Fail(Catalogue.OperandKind, anchor, op, a.Kind);
        if (b is not (IntValue or FloatValue or NumberValue)) throw context.Fail(Catalogue.OperandKind, anchor, op, b.Kind);
        var (x, y) = (ToNumber(a), ToNumber(b));
        if (x.DType != y.DType) (x, y) = (Cast(x, DType.F32), Cast(y, DType.F32));
        return Nodes(op, x, y);
    }

    private Node Nodes(string op, Node a, Node b)
    {
        var (x, y) = (context.Graph.Of(a), context.Graph.Of(b));
        return op switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "%" => x.Apply<Mod>(y),
            "<" => x.Less(y),
            ">" => y.Less(x),
            "<=" => x.LessEqual(y),
            ">=" => y.LessEqual(x),
            "==" => x.IsEqual(y),
            "!=" => x.IsEqual(y).Not(),
            "&&" => x.And(y),
            "||" => x.Or(y),
            _ => throw new ArgumentException($"no operator {op}"),
        };
    }

    private SpecValue Sizes(string op, Polynomial a, Polynomial b, int anchor)
    {
        switch (op)
        {
            case "+": return new IntValue(a + b);
            case "-": return new IntValue(a - b);
            case "*": return new IntValue(a * b);
            case "/" when a.IsConstant && b.IsConstant && !b.IsZero: return new IntValue(a.Value / b.Value);
            case "/" when !b.IsZero:
                context.Obligations.Add(new Quotient(a, b), context.Place(anchor));
                return new IntValue(a / b);
            case "%" when a.IsConstant && b.IsConstant && !b.IsZero: return new IntValue(a.Value % b.Value);
            case "/" or "%" when b.IsZero: throw context.Fail(Catalogue.DivisionByZero, anchor, $"{a}");
        }
        var difference = a - b;
        if (difference.IsConstant && Compare(op, difference.Value) is { } known) return new BoolValue(known);
        return Number(Nodes(op, Int(a), Int(b)));
    }

    private static bool? Compare(string op, long difference) => op switch
    {
        "==" => difference == 0,
        "!=" => difference != 0,
        "<" => difference < 0,
        "<=" => difference <= 0,
        ">" => difference > 0,
        ">=" => difference >= 0,
        _ => null,
    };

    private static bool Truth(string op, bool a, bool b) => op switch
    {
        "&&" => a && b,
        "||" => a || b,
        "==" => a == b,
        "!=" => a != b,
        _ => throw new ArgumentException($"no operator {op} on bools"),
    };

    private static double? Known(SpecValue value) => value switch
    {
        FloatValue x => x.Number,
        IntValue { Size: { IsConstant: true } size } => size.Value,
        _ => null,
    };

    private static SpecValue Floats(string op, double a, double b) => op switch
    {
        "+" => new FloatValue(a + b),
        "-" => new FloatValue(a - b),
        "*" => new FloatValue(a * b),
        "/" => new FloatValue(a / b),
        "%" => new FloatValue(a % b),
        _ => new BoolValue(Compare(op, a.CompareTo(b)) ?? throw new ArgumentException($"no operator {op}")),
    };
}
