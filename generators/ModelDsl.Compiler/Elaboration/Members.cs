using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>The value of a layer's member: a hyperparameter, a weight, a layer of its own, or a computed number.</summary>
internal sealed class Members(Context context, ExpressionEvaluator evaluator)
{
    public SpecValue Evaluate(LayerInstance layer, string name, int anchor)
    {
        if (layer.Arguments.TryGetValue(name, out var argument)) return argument;
        if (layer.Record.Weights.FirstOrDefault(w => w.Name == name) is { } weight) return UseWeight(layer, weight, anchor);
        if (layer.Record.Members.FirstOrDefault(m => m.Name == name) is { } member) return Computed(layer, member, anchor);
        throw context.Fail(Catalogue.MemberNotKnown, anchor, name, layer.Record.Name);
    }

    private SpecValue UseWeight(LayerInstance layer, WeightSpec spec, int anchor)
    {
        var scope = new Scope(layer);
        var shape = context.In(layer.Record, spec.Name, anchor, () => new Shape(spec.Shape.Select(s => evaluator.Size(s, scope))));
        var weight = new Weight(layer.PathOf(spec.Name), layer.Repeats.Select(r => r.Count).ToEquatableArray(),
            shape, spec.Init, spec.Std, spec.Decay ?? shape.Rank >= 2);
        return new TensorValue(context.Weights.Use(context.Region, layer, weight));
    }

    private SpecValue Computed(LayerInstance layer, MemberSpec member, int anchor) =>
        context.In(layer.Record, member.Name, anchor, () => evaluator.Evaluate(member.Value, new Scope(layer, layer.PathOf(member.Name))));
}
