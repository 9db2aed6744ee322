using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>From a model's spec to its graphs.</summary>
public static class Elaborator
{
    /// <param name="model">A record of kind Model.</param>
    /// <param name="library">Every layer of the same compilation; layers from elsewhere are in the specs' imports.</param>
    public static ElaboratedModel Elaborate(RecordSpec model, IReadOnlyList<RecordSpec> library)
    {
        var records = new RecordLibrary(model, library);
        var (configurations, found) = Configuration.Of(model, records);
        var diagnostics = found.ToList();
        var variants = new List<Variant>();
        foreach (var group in configurations.GroupBy(c => c.Key))
        {
            var context = new Context(records, group.ToArray());
            if (new ModelElaborator(context, model).Run() is { } variant) variants.Add(variant);
            diagnostics.AddRange(context.Diagnostics.Where(error => !diagnostics.Any(error.IsSameFinding)));
            diagnostics.AddRange(ConfigurationCheck.Run(context).Except(diagnostics).ToArray());
        }
        return new ElaboratedModel(model, diagnostics.Count > 0 ? [] : variants.ToArray(), diagnostics.ToEquatableArray());
    }
}

/// <summary>One variant of a model: its training graph and its forward graph.</summary>
internal sealed class ModelElaborator(Context context, RecordSpec model)
{
    private readonly Evaluator _evaluator = new(context);
    private ValueNames _names = new(context.Graph, "");
    private IReadOnlyDictionary<string, SpecValue> Structure => context.Configurations[0].Structure;

    /// <returns>Null where an error was found.</returns>
    public Variant? Run()
    {
        var method = model.Methods.FirstOrDefault(m => m.Name == "Forward");
        var loss = model.Methods.FirstOrDefault(m => m.Name == "Loss");
        var forward = Try(() => method is null ? throw context.Fail(Catalogue.NoForward, -1, model.Name) : Forward(method));
        var training = loss is not null ? Try(() => OwnLoss(loss)) : forward is null ? null : Try(() => NextTokenLoss(method!));
        return forward is null || training is null || context.Diagnostics.Count > 0 ? null : new Variant(
            context.Configurations[0].Key,
            Structure.Select(s => new StructuralValue(s.Key, Configuration.Text(s.Value))).ToEquatableArray(),
            context.Weights.All.ToEquatableArray(),
            context.Obligations.All.Select(o => o.Guard).Where(g => !g.Terms.All(t => t.IsConstant)).ToEquatableArray(),
            LengthLimit.Of(forward.Graph).ToEquatableArray(),
            training, forward);
    }

    /// <summary>A fresh graph; null, and reported, where it has an error.</summary>
    private ModelGraph? Try(Func<ModelGraph?> build)
    {
        context.Begin(model);
        try
        {
            return build();
        }
        catch (Failure failure)
        {
            context.Report(failure);
            return null;
        }
    }

    private ModelGraph? Forward(MethodSpec method)
    {
        var (self, inputs, arguments) = Begin(method);
        bool overTokens = method.Parameters.FirstOrDefault()?.Kind == MethodParameterKind.Tokens;
        switch (_evaluator.Call(self, method, arguments, method.Anchor))
        {
            case { IsKnown: false }: return null;
            case TensorValue result:
                AddResult(overTokens ? "logits" : "output", result.Node);
                break;
            case TupleValue tuple when tuple.Items.All(i => i is TensorValue):
                for (int i = 0; i < tuple.Items.Count; i++) AddResult($"output{i}", ((TensorValue)tuple.Items[i]).Node);
                break;
            case var other: throw context.Fail(Catalogue.ForwardResult, method.Anchor, other.Kind);
        }
        return inputs.Finish(context);
    }

    /// <summary>A Loss of the model's own: its parameters are the inputs.</summary>
    private ModelGraph? OwnLoss(MethodSpec method)
    {
        var (self, inputs, arguments) = Begin(method);
        var result = _evaluator.Call(self, method, arguments, method.Anchor);
        if (!result.IsKnown) return null;
        if (result is not TensorValue { Node: { Shape.Rank: 0 } loss }) throw context.Fail(Catalogue.LossIsNotScalar, method.Anchor, model.Name);
        AddResult("loss", loss);
        return inputs.Finish(context);
    }

    /// <summary>The mean cross-entropy of the next tokens, over the targets that are not negative.</summary>
    private ModelGraph? NextTokenLoss(MethodSpec forward)
    {
        var (self, inputs, arguments) = Begin(forward);
        var tokens = forward.Parameters.FirstOrDefault();
        var result = _evaluator.Call(self, forward, arguments, forward.Anchor) as TensorValue;
        var (batch, length) = (Polynomial.Symbol("B"), Polynomial.Symbol("T"));
        if (tokens?.Kind != MethodParameterKind.Tokens || result is not { Node: { Shape.Rank: 3 } logits } || !logits.Shape.With(2, 1).Equals(new Shape(batch, length, 1)))
            throw context.Fail(Catalogue.NoLoss, forward.Anchor, model.Name);
        var graph = context.Graph;
        _names.Label(result, "logits");
        graph.Origin = new Origin("Loss", model.FullName, forward.Anchor);
        var targets = graph.Of(inputs.Add("targets", new TensorType(DType.I32, new Shape(batch, length)), logits.Shape[2]));
        var counted = graph.Constant(0, DType.I32).LessEqual(targets).Cast(DType.F32);
        var total = graph.Of(logits).Apply<CrossEntropy>(targets).SumAll();
        var count = counted.SumAll().Max(graph.Constant(1));
        _names.Label(new TensorValue(count), "count");
        AddResult("loss", total / count);
        return inputs.Finish(context);
    }

    /// <summary>A result, which a value without a label of its own is named after.</summary>
    private void AddResult(string name, Node node)
    {
        _names.Label(new TensorValue(node), name);
        context.Graph.AddResult(name, node);
    }

    /// <summary>The model as a layer of the graph, and a parameter for each of the method's tensors.</summary>
    private (LayerInstance, Inputs, IReadOnlyList<(string, SpecValue)>) Begin(MethodSpec method)
    {
        _names = new ValueNames(context.Graph, "");
        var hypers = model.Hyperparameters.ToDictionary(h => h.Name, h => h.Kind switch
        {
            HyperparameterKind.Int => new IntValue(Polynomial.Symbol(h.Name)),
            HyperparameterKind.Float => new NumberValue(context.Graph.Hyper(h.Name)),
            _ => Structure[h.Name],
        });
        var self = new LayerInstance("", model, hypers, EquatableArray<RepeatInstance>.Empty);
        var inputs = new Inputs(context.Region);
        var scope = new Scope(self);
        var arguments = new List<(string, SpecValue)>();
        foreach (var parameter in method.Parameters)
        {
            if (parameter.Kind is not (MethodParameterKind.Tensor or MethodParameterKind.Tokens or MethodParameterKind.Labels)) continue;
            var limit = parameter.Limit is { } expression ? _evaluator.SizeOrNull(expression, scope) : null;
            arguments.Add((parameter.Name, TypeOf(parameter, scope) is { } type ? new TensorValue(inputs.Add(parameter.Name, type, limit)) : UnknownValue.Instance));
        }
        return (self, inputs, arguments);
    }

    /// <summary>Null, and reported, where a size of it has an error.</summary>
    private TensorType? TypeOf(MethodParameterSpec parameter, Scope scope)
    {
        var batch = Polynomial.Symbol("B");
        return parameter.Kind switch
        {
            MethodParameterKind.Tokens => new(DType.I32, new Shape(batch, Polynomial.Symbol("T"))),
            MethodParameterKind.Labels => new(DType.I32, new Shape(batch)),
            _ => _evaluator.Shape(parameter.Shape, scope) is { } shape ? new(DType.F32, new Shape(shape.Sizes.Prepend(batch))) : null,
        };
    }
}

/// <summary>How long a sequence may be: a table that is indexed by positions has a row for each.</summary>
internal static class LengthLimit
{
    public static IEnumerable<Polynomial> Of(Graph graph) =>
        graph.Nodes.Where(n => n.Is<Gather>() && IsPosition(n.Inputs[1])).Select(n => n.Inputs[0].Shape[0]).Distinct();

    private static bool IsPosition(Node ids) => ids.Is<Iota>() && ids.Shape.Sizes.Contains(Polynomial.Symbol("T"))
        || ids.Is<Broadcast>() && IsPosition(ids.Inputs[0]);
}
