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
    public SpecValue Binary(string op, SpecValue a, SpecValue b, int anchor) => (a, b) switch
    {
        (IntValue x, IntValue y) => Sizes(op, x.Size, y.Size, anchor),
        (BoolValue x, BoolValue y) => new BoolValue(Truth(op, x.Truth, y.Truth)),
        (EnumValue x, EnumValue y) => new BoolValue(x.Equals(y) == (op == "==")),
        (BoolValue x, NumberValue) when op is "&&" or "||" => x.Truth == (op == "||") ? x : b,
        (NumberValue, BoolValue y) when op is "&&" or "||" => y.Truth == (op == "||") ? y : a,
        (FloatValue or IntValue, FloatValue or IntValue) when Known(a) is { } x && Known(b) is { } y => Floats(op, x, y),
        (TensorValue, _) or (_, TensorValue) => new TensorValue(Tensors(op, ToTensor(a), ToTensor(b), anchor)),
        _ => new NumberValue(Numbers(op, a, b, anchor)),
    };

    public SpecValue Unary(string op, SpecValue value, int anchor) => value switch
    {
        IntValue x => new IntValue(-x.Size),
        FloatValue x => new FloatValue(-x.Number),
        BoolValue x => new BoolValue(!x.Truth),
        TensorValue x => new TensorValue(context.Graph.Node("neg", x.Node)),
        NumberValue x => new NumberValue(context.Graph.Node(op == "!" ? "not" : "neg", x.Node)),
        _ => throw context.Fail(Catalogue.OperandKind, anchor, op, value.Kind),
    };

    public SpecValue Cast(string type, SpecValue value, int anchor) => (type, value) switch
    {
        ("int", IntValue) => value,
        ("int", FloatValue x) => new IntValue((long)x.Number),
        ("int", NumberValue x) => new NumberValue(context.Graph.Cast(x.Node, DType.I32)),
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
        if (x.DType != y.DType) (x, y) = (context.Graph.Cast(x, DType.F32), context.Graph.Cast(y, DType.F32));
        return new NumberValue(context.Graph.Node("where", chosen.Node, x, y));
    }

    /// <summary>An int as a float; a float as it is.</summary>
    public SpecValue ToFloat(SpecValue value) => value switch
    {
        IntValue { Size: { IsConstant: true } size } => new FloatValue(size.Value),
        IntValue or NumberValue => new NumberValue(context.Graph.Cast(ToNumber(value), DType.F32)),
        _ => value,
    };

    /// <summary>A number as a node of rank 0.</summary>
    public Node ToNumber(SpecValue value) => value switch
    {
        IntValue x => context.Graph.Int(x.Size),
        FloatValue x => context.Graph.Constant(x.Number),
        NumberValue x => context.Region.Use(x.Node),
        _ => throw new ArgumentException($"{value.Kind} is no number"),
    };

    /// <summary>A tensor that one can calculate with: a comparison is 1 where it holds.</summary>
    public Node ToTensor(SpecValue value)
    {
        var node = value is TensorValue tensor ? tensor.Node : ToNumber(value);
        return value is TensorValue && node.DType != DType.Bool ? node : context.Graph.Cast(node, DType.F32);
    }

    private Node Tensors(string op, Node a, Node b, int anchor)
    {
        try
        {
            return Nodes(op, a, b);
        }
        catch (ShapeException e)
        {
            throw context.Fail(Catalogue.ShapesDoNotFit, anchor, e.Message, context.Numbers(e.Message));
        }
    }

    private Node Numbers(string op, SpecValue a, SpecValue b, int anchor)
    {
        if (a is not (IntValue or FloatValue or NumberValue)) throw context.Fail(Catalogue.OperandKind, anchor, op, a.Kind);
        if (b is not (IntValue or FloatValue or NumberValue)) throw context.Fail(Catalogue.OperandKind, anchor, op, b.Kind);
        var (x, y) = (ToNumber(a), ToNumber(b));
        if (x.DType != y.DType) (x, y) = (context.Graph.Cast(x, DType.F32), context.Graph.Cast(y, DType.F32));
        return Nodes(op, x, y);
    }

    private Node Nodes(string op, Node a, Node b) => op switch
    {
        "+" => context.Graph.Node("add", a, b),
        "-" => context.Graph.Node("sub", a, b),
        "*" => context.Graph.Node("mul", a, b),
        "/" => context.Graph.Node("div", a, b),
        "%" => context.Graph.Node("mod", a, b),
        "<" => context.Graph.Node("less", a, b),
        ">" => context.Graph.Node("less", b, a),
        "<=" => context.Graph.Node("lessequal", a, b),
        ">=" => context.Graph.Node("lessequal", b, a),
        "==" => context.Graph.Node("equal", a, b),
        "!=" => context.Graph.Node("not", context.Graph.Node("equal", a, b)),
        "&&" => context.Graph.Node("and", a, b),
        "||" => context.Graph.Node("or", a, b),
        _ => throw new ArgumentException($"no operator {op}"),
    };

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
        return new NumberValue(Nodes(op, context.Graph.Int(a), context.Graph.Int(b)));
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
