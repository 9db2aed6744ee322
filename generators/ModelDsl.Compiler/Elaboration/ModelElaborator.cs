using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>One variant of a model: its training graph and its forward graph.</summary>
internal sealed class ModelElaborator(Context context, RecordSpec model)
{
    private readonly ExpressionEvaluator _evaluator = new(context);
    private ValueNames _names = new(context.Graph, "");
    private IReadOnlyDictionary<string, SpecValue> Structure => context.Configurations[0].Structure;

    public Variant Run()
    {
        context.Frame = new Frame(model, model.Name, -1, null);
        var forwardMethod = model.Methods.FirstOrDefault(m => m.Name == "Forward")
            ?? throw context.Fail(Catalogue.NoForward, -1, model.Name);
        var forward = Forward(forwardMethod);
        var training = model.Methods.FirstOrDefault(m => m.Name == "Loss") is { } loss ? OwnLoss(loss) : NextTokenLoss(forwardMethod);
        return new Variant(
            context.Configurations[0].Key,
            Structure.Select(s => new StructuralValue(s.Key, Configuration.Text(s.Value))).ToEquatableArray(),
            context.Weights.All.ToEquatableArray(),
            context.Obligations.All.Select(o => o.Guard).Where(g => !g.Terms.All(t => t.IsConstant)).ToEquatableArray(),
            LengthLimit.Of(forward.Graph).ToEquatableArray(),
            training, forward);
    }

    private ModelGraph Forward(MethodSpec method)
    {
        var (self, inputs, arguments) = Begin(method);
        bool overTokens = method.Parameters.FirstOrDefault()?.Kind == MethodParameterKind.Tokens;
        switch (_evaluator.Calls.Call(self, method.Name, arguments, method.Anchor))
        {
            case TensorValue result:
                AddResult(overTokens ? "logits" : "output", result.Node);
                break;
            case TupleValue tuple:
                for (int i = 0; i < tuple.Items.Count; i++) AddResult($"output{i}", ((TensorValue)tuple.Items[i]).Node);
                break;
            case var other: throw context.Fail(Catalogue.ForwardResult, method.Anchor, other.Kind);
        }
        return inputs.Finish(context);
    }

    /// <summary>A Loss of the model's own: its parameters are the inputs.</summary>
    private ModelGraph OwnLoss(MethodSpec method)
    {
        var (self, inputs, arguments) = Begin(method);
        if (_evaluator.Calls.Call(self, method.Name, arguments, method.Anchor) is not TensorValue { Node: { Shape.Rank: 0 } loss })
            throw context.Fail(Catalogue.LossIsNotScalar, method.Anchor, model.Name);
        AddResult("loss", loss);
        return inputs.Finish(context);
    }

    /// <summary>The mean cross-entropy of the next tokens, over the targets that are not negative.</summary>
    private ModelGraph NextTokenLoss(MethodSpec forward)
    {
        var (self, inputs, arguments) = Begin(forward);
        var tokens = forward.Parameters.FirstOrDefault();
        var result = _evaluator.Calls.Call(self, forward.Name, arguments, forward.Anchor) as TensorValue;
        if (tokens?.Kind != MethodParameterKind.Tokens || result is not { Node: { Shape.Rank: 3 } logits }
            || !logits.Shape.With(2, 1).Equals(new Shape(Polynomial.Symbol("B"), Polynomial.Symbol("T"), 1)))
            throw context.Fail(Catalogue.NoLoss, forward.Anchor, model.Name);
        var graph = context.Graph;
        _names.Label(result, "logits");
        graph.Origin = new Origin("Loss", model.FullName, forward.Anchor);
        var targets = inputs.Add("targets", new TensorType(DType.I32, new Shape(Polynomial.Symbol("B"), Polynomial.Symbol("T"))), logits.Shape[2]);
        var counted = graph.Cast(graph.Node("lessequal", graph.Constant(0, DType.I32), targets), DType.F32);
        var total = graph.Of(graph.Node("crossentropy", logits, targets)).SumAll();
        var count = graph.Node("max", graph.Of(counted).SumAll(), graph.Constant(1));
        _names.Label(new TensorValue(count), "count");
        AddResult("loss", graph.Node("div", total, count));
        return inputs.Finish(context);
    }

    /// <summary>A result, which a value without a label of its own is named after.</summary>
    private void AddResult(string name, Node node)
    {
        _names.Label(new TensorValue(node), name);
        context.Graph.AddResult(name, node);
    }

    /// <summary>A fresh graph with the model as a layer of it and a parameter for each of the method's tensors.</summary>
    private (LayerInstance, Inputs, IReadOnlyList<(string, SpecValue)>) Begin(MethodSpec method)
    {
        context.Region = new Region();
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
            if (TypeOf(parameter, scope) is not { } type) continue;
            var limit = parameter.Limit is { } expression ? _evaluator.Size(expression, scope) : null;
            arguments.Add((parameter.Name, new TensorValue(inputs.Add(parameter.Name, type, limit))));
        }
        return (self, inputs, arguments);
    }

    private TensorType? TypeOf(MethodParameterSpec parameter, Scope scope)
    {
        var batch = Polynomial.Symbol("B");
        return parameter.Kind switch
        {
            MethodParameterKind.Tensor => new(DType.F32, new Shape(parameter.Shape.Select(s => _evaluator.Size(s, scope)).Prepend(batch))),
            MethodParameterKind.Tokens => new(DType.I32, new Shape(batch, Polynomial.Symbol("T"))),
            MethodParameterKind.Labels => new(DType.I32, new Shape(batch)),
            _ => null,
        };
    }
}
