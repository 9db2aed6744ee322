using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Calls of the DSL's operations on tensors, and of the functions of Math and MathF on numbers.</summary>
internal sealed class OperationCalls(Context context, Arithmetic arithmetic)
{
    public SpecValue Call(string operation, IReadOnlyList<(string Name, SpecValue Value)> arguments, int anchor)
    {
        if (arguments.Count > 0 && arguments.All(a => a.Value is IntValue or FloatValue or NumberValue)
            && Functions.TryGetValue(operation.Substring(operation.LastIndexOf('.') + 1), out var function))
            return Number(function, arguments.Select(a => a.Value).ToArray(), anchor);
        foreach (var entry in SurfaceTable.Find(operation))
            if (Bind(entry, arguments) is { } bound) return Build(entry, bound, arguments, anchor);
        throw context.Fail(Catalogue.OperationNotKnown, anchor, operation,
            Nearest(operation, SurfaceTable.Names));
    }

    private SpecValue Build(SurfaceEntry entry, Dictionary<string, object> bound, IReadOnlyList<(string Name, SpecValue Value)> arguments, int anchor)
    {
        try
        {
            int first = context.Graph.Nodes.Count;
            var result = entry.Method.Build(new SurfaceCall(context.Graph, bound, context.Region.Index));
            context.Obligations.Add(context.Graph, first, context.Place(anchor));
            return Wrap(result);
        }
        catch (ShapeException e)
        {
            var weight = arguments.Where(a => a.Name is "a" or "b" or "weight").Select(a => a.Value).OfType<TensorValue>().Select(t => t.Node).FirstOrDefault(IsVector);
            throw entry.Method.Name is "MatMul" or "Linear" && weight is not null
                ? context.Fail(Catalogue.WeightRank, anchor, weight.Attributes.Get<string>("name"), $"{weight.Shape}", entry.Method.Name)
                : context.Fail(Catalogue.ShapesDoNotFit, anchor, e.Message, context.Numbers(e.Message));
        }
    }

    private static bool IsVector(Node node) => node.Is<Parameter>() && node.Attributes.Get<string>("kind") is "weight" or "slice" && node.Shape.Rank < 2;

    /// <summary>The arguments as the operation takes them; null where it takes others.</summary>
    private Dictionary<string, object>? Bind(SurfaceEntry entry, IReadOnlyList<(string Name, SpecValue Value)> arguments)
    {
        var bound = new Dictionary<string, object>();
        foreach (var parameter in entry.Parameters)
        {
            var given = arguments.FirstOrDefault(a => a.Name == parameter.Name).Value;
            if (given is null && !parameter.IsOptional) return null;
            if (given is null) continue;
            if (Convert(parameter, given) is not { } value) return null;
            bound.Add(parameter.Name, value);
        }
        return bound.Count == arguments.Count ? bound : null;
    }

    private object? Convert(SurfaceParameter parameter, SpecValue value) => (parameter.Type.TrimEnd('?'), value) switch
    {
        ("Tensor" or "Tokens" or "Labels", TensorValue tensor) => parameter.Name == "mask" ? tensor.Node : arithmetic.ToTensor(tensor),
        ("Tensor" or "Tokens" or "Labels", _) => null,
        ("float" or "double", IntValue or FloatValue or NumberValue) => arithmetic.ToFloat(value) is FloatValue known ? known.Number : arithmetic.ToNumber(value),
        ("int", IntValue size) => size.Size,
        ("int", NumberValue number) => number.Node,
        ("bool", BoolValue flag) => flag.Truth,
        (_, EnumValue member) => member.Member,
        (_, ListValue list) when list.Items.All(i => i is IntValue) => list.Items.Select(i => ((IntValue)i).Size).ToArray(),
        (_, ListValue list) when list.Items.All(i => i is TensorValue) => list.Items.Select(i => ((TensorValue)i).Node).ToArray(),
        _ => null,
    };

    private static SpecValue Wrap(object result) => result switch
    {
        Node node => new TensorValue(node),
        Polynomial size => new IntValue(size),
        IEnumerable<Node> nodes => new TupleValue(nodes.Select(Wrap).ToEquatableArray()),
        _ => throw new InvalidOperationException($"an operation returned a {result.GetType().Name}"),
    };

    private SpecValue Number((string Operation, Func<double, double, double> Function) function, SpecValue[] arguments, int anchor)
    {
        if (arguments.All(a => a is IntValue { Size: { IsConstant: true } }) && function.Operation is "min" or "max" or "abs")
            return new IntValue((long)function.Function(Double(arguments[0]), Double(arguments[arguments.Length - 1])));
        if (arguments.All(a => a is FloatValue or IntValue { Size: { IsConstant: true } }))
            return new FloatValue(function.Function(Double(arguments[0]), Double(arguments[arguments.Length - 1])));
        if (!OperationTable.TryGet(function.Operation, out _)) throw context.Fail(Catalogue.OperandKind, anchor, function.Operation, "a number that is not a constant");
        bool ints = function.Operation is "min" or "max" or "abs" && arguments.All(a => a is IntValue or NumberValue { Node.DType: DType.I32 });
        var nodes = arguments.Select(a => context.Graph.Cast(arithmetic.ToNumber(a), ints ? DType.I32 : DType.F32)).ToArray();
        return new NumberValue(context.Graph.Node(function.Operation, nodes));
    }

    private static double Double(SpecValue value) => value is FloatValue x ? x.Number : ((IntValue)value).Size.Value;

    /// <summary>By the name in Math; the second operand is the first again where there is one.</summary>
    private static readonly Dictionary<string, (string, Func<double, double, double>)> Functions = new()
    {
        ["Sqrt"] = ("sqrt", (x, _) => Math.Sqrt(x)),
        ["Exp"] = ("exp", (x, _) => Math.Exp(x)),
        ["Log"] = ("log", (x, _) => Math.Log(x)),
        ["Tanh"] = ("tanh", (x, _) => Math.Tanh(x)),
        ["Sin"] = ("sin", (x, _) => Math.Sin(x)),
        ["Cos"] = ("cos", (x, _) => Math.Cos(x)),
        ["Abs"] = ("abs", (x, _) => Math.Abs(x)),
        ["Pow"] = ("pow", Math.Pow),
        ["Min"] = ("min", Math.Min),
        ["Max"] = ("max", Math.Max),
        ["Floor"] = ("floor", (x, _) => Math.Floor(x)),
        ["Ceiling"] = ("ceiling", (x, _) => Math.Ceiling(x)),
        ["Round"] = ("round", (x, _) => Math.Round(x)),
    };

    private static string Nearest(string name, IEnumerable<string> known) =>
        known.Distinct().OrderBy(k => Distance(name.ToLowerInvariant(), k.ToLowerInvariant())).FirstOrDefault() ?? "";

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
