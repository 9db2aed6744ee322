using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>
/// A Repeat's Forward: one scan over its layers. The layer's results are carried to the next layer's first parameters, its
/// weights are slices, and every other tensor is shared by all layers.
/// </summary>
internal sealed class RepeatElaborator(Context context, ExpressionEvaluator evaluator)
{
    public SpecValue Forward(RepeatInstance repeat, IReadOnlyList<SpecValue> arguments, int anchor)
    {
        var outer = context.Region;
        var inner = new Region(outer, repeat);
        var layer = Layer(repeat, inner, anchor);
        var parameters = evaluator.Calls.Method(layer, "Forward", anchor).Parameters;
        int count = Math.Min(parameters.Count, arguments.Count);

        context.Region = inner;
        inner.Graph.Origin = new Origin(layer.Path, layer.Record.FullName, -1);
        var carries = new List<(Node Outer, Node Inner)>();
        var given = new List<(string, SpecValue)>();
        for (int i = 0; i < count; i++)
        {
            var value = arguments[i];
            if (i == 0) value = Carry(parameters[i].Name, value);
            given.Add((parameters[i].Name, value is TensorValue t ? new TensorValue(inner.Use(t.Node)) : value));
        }
        var result = evaluator.Calls.Call(layer, "Forward", given, anchor);
        context.Region = outer;

        if (result is not TensorValue next) throw context.Fail(Catalogue.RepeatResult, anchor, repeat.Path, result.Kind);
        if (!next.Node.Type.Equals(carries[0].Outer.Type))
            throw context.Fail(Catalogue.CarryChanges, anchor, repeat.Path, $"{carries[0].Outer.Shape}", $"{next.Node.Shape}",
                context.Numbers($"{carries[0].Outer.Shape} {next.Node.Shape}"));
        inner.Graph.AddResult(parameters[0].Name, next.Node);
        var last = Scan(outer, inner, repeat.Count, carries);
        last.TakeName(new Origin(repeat.Path, repeat.Owner.Record.FullName, repeat.Expression.Anchor) { IsOutput = true });
        return new TensorValue(last);

        SpecValue Carry(string name, SpecValue value)
        {
            var start = ((TensorValue)value).Node;
            carries.Add((start, inner.Parameter(name, "carry", start.Type)));
            return new TensorValue(carries[0].Inner);
        }
    }

    private LayerInstance Layer(RepeatInstance repeat, Region inner, int anchor)
    {
        var scope = new Scope(repeat.Owner, repeat.Path + ".{}")
        {
            NewRepeats = repeat.Owner.Repeats.Append(repeat).ToEquatableArray(),
        };
        var outer = context.Region;
        context.Region = inner;
        scope.Locals[repeat.Expression.Index] = new NumberValue(inner.Index!);
        var layer = context.In(repeat.Owner.Record, repeat.Path, anchor, () =>
            repeat.Expression.Layer is ConditionalExpression { Condition: var condition } && evaluator.Evaluate(condition, scope) is not BoolValue
                ? throw context.Fail(Catalogue.LayersDiffer, repeat.Expression.Layer.Anchor, SpecNames.FirstName(condition), repeat.Path)
                : evaluator.Layer(repeat.Expression.Layer, scope));
        context.Region = outer;
        return layer;
    }

    /// <summary>The body again with its parameters in a scan's order, and the scan.</summary>
    private static Node Scan(Region outer, Region inner, Polynomial count, List<(Node Outer, Node Inner)> carries)
    {
        var inputs = carries.Concat(inner.Slices).Concat(inner.Shared).ToArray();
        var body = GraphCopy.WithParameters(inner.Graph, inputs.Select(i => i.Inner).ToArray());
        var attributes = Attributes.None.With("count", count).With("reverse", false)
            .With("carries", carries.Count).With("slices", inner.Slices.Count);
        return outer.Graph.Output(outer.Graph.Add(OperationTable.Get<Scan>(), inputs.Select(i => i.Outer).ToArray(), attributes, body), 0);
    }
}
