using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Calls of the DSL's operations on tensors, and of the functions of Math and MathF on numbers.</summary>
internal sealed class OperationCalls(Context context, Arithmetic arithmetic)
{
    public SpecValue Call(string operation, IReadOnlyList<(string Name, SpecValue Value)> arguments, int anchor)
    {
        if (arguments.Count > 0 && arguments.All(a => a.Value is IntValue or FloatValue or NumberValue) && Functions.TryGetValue(operation, out var function))
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
        catch (ShapeException) when (entry.Operation is MatMul && arguments.Where(a => a.Name is "a" or "b" or "weight").Select(a => a.Value).OfType<TensorValue>().Select(t => t.Node).FirstOrDefault(IsVector) is { } weight)
        {
            throw context.Fail(Catalogue.WeightRank, anchor, weight.ParameterName(), $"{weight.Shape}", entry.Method.Name);
        }
    }

    /// <summary>Whether it is a weight that is no matrix.</summary>
    private static bool IsVector(Node node) => node.Shape.Rank < 2 && (node.IsParameter(ParameterKind.Weight) || node.IsParameter(ParameterKind.Slice));

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

    private SpecValue Number(NumberFunction function, SpecValue[] arguments, int anchor)
    {
        bool whole = function.Operation is Min or Max or Abs;
        if (whole && arguments.All(a => a is IntValue { Size.IsConstant: true }))
            return new IntValue((long)function.Value(Double(arguments[0]), Double(arguments[arguments.Length - 1])));
        if (arguments.All(a => a is FloatValue or IntValue { Size.IsConstant: true }))
            return new FloatValue(function.Value(Double(arguments[0]), Double(arguments[arguments.Length - 1])));
        if (function.Operation is null) throw context.Fail(Catalogue.OperandKind, anchor, function.Name, "a number that is not a constant");
        bool ints = whole && arguments.All(a => a is IntValue or NumberValue { Node.DType: DType.I32 });
        var nodes = arguments.Select(a => arithmetic.Cast(arithmetic.ToNumber(a), ints ? DType.I32 : DType.F32)).ToArray();
        return arithmetic.Number(context.Graph.Add(function.Operation, nodes));
    }

    private static double Double(SpecValue value) => value is FloatValue x ? x.Number : ((IntValue)value).Size.Value;

    private static readonly Dictionary<string, NumberFunction> Functions = new NumberFunction[]
    {
        new("Sqrt", OperationTable.Get<Sqrt>(), (x, _) => Math.Sqrt(x)),
        new("Exp", OperationTable.Get<Exp>(), (x, _) => Math.Exp(x)),
        new("Log", OperationTable.Get<Log>(), (x, _) => Math.Log(x)),
        new("Tanh", OperationTable.Get<Tanh>(), (x, _) => Math.Tanh(x)),
        new("Sin", OperationTable.Get<Sin>(), (x, _) => Math.Sin(x)),
        new("Cos", OperationTable.Get<Cos>(), (x, _) => Math.Cos(x)),
        new("Abs", OperationTable.Get<Abs>(), (x, _) => Math.Abs(x)),
        new("Pow", OperationTable.Get<Pow>(), Math.Pow),
        new("Min", OperationTable.Get<Min>(), Math.Min),
        new("Max", OperationTable.Get<Max>(), Math.Max),
        new("Floor", null, (x, _) => Math.Floor(x)),
        new("Ceiling", null, (x, _) => Math.Ceiling(x)),
        new("Round", null, (x, _) => Math.Round(x)),
    }.ToDictionary(f => f.Name);

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


/// <summary>A function of Math and MathF.</summary>
/// <param name="Operation">On a number that is known at run time only; null where there is none.</param>
/// <param name="Value">On known numbers; the second is the first again where there is one.</param>
internal sealed record NumberFunction(string Name, Operation? Operation, Func<double, double, double> Value);

/// <summary>The methods of the DSL's facade by name, with their parameters read from their signatures.</summary>
internal static class SurfaceTable
{
    private static readonly ILookup<string, SurfaceEntry> ByName =
        OperationTable.All.SelectMany(o => o.Surface.Select(m => SurfaceEntry.Read(o, m))).ToLookup(e => e.Method.Name);

    public static IEnumerable<string> Names => ByName.Select(e => e.Key);

    public static IEnumerable<SurfaceEntry> Find(string name) => ByName[name];
}

internal sealed record SurfaceEntry(Operation Operation, SurfaceMethod Method, EquatableArray<SurfaceParameter> Parameters)
{
    /// <summary>"Tensor Softmax(Tensor x, int axis = -1)": the parameters stand in the last parentheses.</summary>
    public static SurfaceEntry Read(Operation operation, SurfaceMethod method)
    {
        string signature = method.Signature;
        int open = signature.LastIndexOf('('), end = signature.LastIndexOf(')');
        var parameters = signature.Substring(open + 1, end - open - 1).Split(',').Select(p => p.Trim()).Where(p => p.Length > 0);
        return new SurfaceEntry(operation, method, parameters.Select(Parameter).ToEquatableArray());
    }

    private static SurfaceParameter Parameter(string text)
    {
        string[] sides = text.Split('=');
        string[] words = sides[0].Trim().Split(' ');
        return new SurfaceParameter(words[words.Length - 2], words[words.Length - 1], sides.Length > 1);
    }
}

internal sealed record SurfaceParameter(string Type, string Name, bool IsOptional);
