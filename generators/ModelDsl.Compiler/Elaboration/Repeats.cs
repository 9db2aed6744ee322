using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>
/// A Repeat's Forward: one scan over its layers. What a layer returns is carried to the next layer's first parameters; the
/// parameters after those get the same tensors in every layer. Weights are slices, or shared by all layers.
/// </summary>
internal sealed class Repeats(Context context, Evaluator evaluator)
{
    /// <param name="arguments">What is carried, a tensor or a tuple of them; and the tensors that every layer gets, lists among them.</param>
    public SpecValue Forward(RepeatInstance repeat, IReadOnlyList<SpecValue> arguments, int anchor)
    {
        var carried = Flat(arguments.Take(1)).ToArray();
        var given = carried.Concat(Flat(arguments.Skip(1))).ToArray();
        var inner = new Region(context.Region, repeat);
        var layer = context.In(inner, () => Layer(repeat, inner, anchor));
        var method = evaluator.Method(layer, "Forward", anchor);
        CheckArguments(repeat, method, carried.Length, given, anchor);

        inner.Graph.Origin = new Origin(layer.Path, layer.Record.FullName, -1);
        var carries = new List<(Node Outer, Node Inner)>();
        var result = context.In(inner, () => evaluator.Call(layer, method, given.Select((value, i) => (method.Parameters[i].Name, Inside(value, i))).ToArray(), anchor));
        if (!result.IsKnown || !Array.TrueForAll(given, g => g.IsKnown)) return UnknownValue.Instance;
        CheckResult(repeat, carries, result, anchor);
        foreach (var (node, i) in Flat([result]).Select((value, i) => (((TensorValue)value).Node, i))) inner.Graph.AddResult(method.Parameters[i].Name, node);
        var scan = Scan(context.Region, inner, repeat.Count, carries);
        var results = carries.Select((_, i) => Output(scan, i, repeat)).ToArray();
        return results.Length == 1 ? results[0] : new TupleValue(results);

        SpecValue Inside(SpecValue value, int i)
        {
            if (value is not TensorValue { Node: var node }) return value;
            if (i >= carried.Length) return new TensorValue(inner.Use(node));
            var carry = inner.Parameter(method.Parameters[i].Name, ParameterKind.Carry, node.Type);
            carries.Add((node, carry));
            return new TensorValue(carry);
        }
    }

    private SpecValue Output(Node scan, int index, RepeatInstance repeat)
    {
        Node last = context.Graph.Output(scan, index);
        last.TakeName(new Origin(repeat.Path, repeat.Owner.Record.FullName, repeat.Expression.Anchor) { IsOutput = true });
        return new TensorValue(last);
    }

    private static IEnumerable<SpecValue> Flat(IEnumerable<SpecValue> values) => values.SelectMany(value => value switch
    {
        TupleValue tuple => tuple.Items,
        ListValue list => list.Items,
        _ => (IEnumerable<SpecValue>)[value],
    });

    private void CheckArguments(RepeatInstance repeat, MethodSpec method, int carried, SpecValue[] given, int anchor)
    {
        var other = given.FirstOrDefault(g => g is not (TensorValue or UnknownValue));
        bool fits = carried > 0 && given.Length >= method.Parameters.Count(p => p.Default is null) && given.Length <= method.Parameters.Count
            && method.Parameters.Take(given.Length).All(p => p.Kind == MethodParameterKind.Tensor);
        if (!fits || other is not null)
            throw context.Fail(Catalogue.RepeatArguments, anchor, repeat.Path, $"({string.Join(", ", method.Parameters.Select(p => $"{p.Kind} {p.Name}"))})",
                other?.Kind ?? (given.Length == 1 ? "1 tensor" : $"{given.Length} tensors"));
    }

    private void CheckResult(RepeatInstance repeat, List<(Node Outer, Node Inner)> carries, SpecValue result, int anchor)
    {
        var results = Flat([result]).ToArray();
        if (results.Length != carries.Count || results.Any(r => r is not TensorValue))
            throw context.Fail(Catalogue.RepeatResult, anchor, repeat.Path, carries.Count == 1 ? "one tensor" : $"{carries.Count} tensors", result.Kind);
        foreach (var (entered, left) in carries.Zip(results, (carry, value) => (carry.Outer, ((TensorValue)value).Node)))
            if (!left.Type.Equals(entered.Type))
                throw context.Fail(Catalogue.CarryChanges, anchor, repeat.Path, $"{entered.Shape}", $"{left.Shape}", context.Numbers($"{entered.Shape} {left.Shape}"));
    }

    /// <summary>The layer at the index of the scan.</summary>
    /// <exception cref="Failure">It has an error, or is no layer.</exception>
    private LayerInstance Layer(RepeatInstance repeat, Region inner, int anchor)
    {
        var scope = new Scope(repeat.Owner, repeat.LayerPath) { NewRepeats = repeat.Stacking };
        scope.Locals[repeat.Expression.Index] = new NumberValue(inner.Index!);
        return context.In(repeat.Owner.Record, anchor, () =>
            repeat.Expression.Layer is ConditionalExpression { Condition: var condition } && evaluator.Evaluate(condition, scope) is not (BoolValue or UnknownValue)
                ? throw context.Fail(Catalogue.LayersDiffer, repeat.Expression.Layer.Anchor, SpecWalk.FirstName(condition), repeat.Path)
                : evaluator.Layer(repeat.Expression.Layer, scope));
    }

    /// <summary>The body again with its parameters in a scan's order, and the scan.</summary>
    private static Node Scan(Region outer, Region inner, Polynomial count, List<(Node Outer, Node Inner)> carries)
    {
        var inputs = carries.Concat(inner.Slices).Concat(inner.Shared).ToArray();
        var body = GraphCopy.WithParameters(inner.Graph, inputs.Select(i => i.Inner).ToArray());
        var attributes = Attributes.None.With("count", count).With("reverse", false)
            .With("carries", carries.Count).With("slices", inner.Slices.Count);
        return outer.Graph.Add(OperationTable.Get<Scan>(), inputs.Select(i => i.Outer).ToArray(), attributes, body);
    }
}
