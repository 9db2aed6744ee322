using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Calls of methods, by inlining them.</summary>
internal sealed class Calls(Context context, ExpressionEvaluator evaluator, RepeatElaborator repeats)
{
    public SpecValue Evaluate(CallExpression call, Scope scope)
    {
        var target = call.Target is null ? new LayerValue(scope.Self) : evaluator.Evaluate(call.Target, scope);
        var arguments = call.Arguments.Select(a => (a.Name, evaluator.Evaluate(a.Value, scope))).ToArray();
        return target switch
        {
            LayerValue layer => Call(layer.Layer, call.Method, arguments, call.Anchor),
            RepeatValue repeat => repeats.Forward(repeat.Repeat, arguments.Select(a => a.Item2).ToArray(), call.Anchor),
            _ => throw context.Fail(Catalogue.NotOfALayer, call.Anchor, target.Kind),
        };
    }

    /// <param name="arguments">By the names of the method's parameters; what is missing takes its default.</param>
    public SpecValue Call(LayerInstance layer, string name, IReadOnlyList<(string Name, SpecValue Value)> arguments, int anchor)
    {
        var method = Method(layer, name, anchor);
        return context.In(layer.Record, name, anchor, () =>
        {
            var scope = new Scope(layer);
            foreach (var parameter in method.Parameters)
                scope.Locals[parameter.Name] = arguments.Where(a => a.Name == parameter.Name).Select(a => a.Value).FirstOrDefault()
                    ?? evaluator.Evaluate(parameter.Default!, scope);
            var names = new ValueNames(context.Graph, layer.Path);
            var result = new StatementEvaluator(evaluator, names).Run(method.Body, scope) ?? throw new InvalidOperationException($"{layer.Record.Name}.{name} ends without a return");
            if (name == "Forward") names.Output(result);
            return result;
        });
    }

    public MethodSpec Method(LayerInstance layer, string name, int anchor) =>
        layer.Record.Methods.FirstOrDefault(m => m.Name == name)
        ?? throw context.Fail(Catalogue.MemberNotKnown, anchor, name, layer.Record.Name);
}
