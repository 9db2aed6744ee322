using System.Runtime.CompilerServices;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>
/// The meaning of expressions, members, statements and calls: tensors become nodes of the context's region, sizes
/// polynomials, methods are inlined. An expression with an error has an unknown value, and evaluation goes on, so that one
/// build shows every independent mistake.
/// </summary>
internal sealed class Evaluator
{
    private readonly Context _context;
    private readonly Arithmetic _arithmetic;
    private readonly OperationCalls _operations;
    private readonly Repeats _repeats;

    public Evaluator(Context context)
    {
        _context = context;
        _arithmetic = new Arithmetic(context);
        _operations = new OperationCalls(context, _arithmetic);
        _repeats = new Repeats(context, this);
    }

    /// <exception cref="Failure">One that ends the graph.</exception>
    public SpecValue Evaluate(Expression expression, Scope scope) => Guard(expression.Anchor, scope, () => Meaning(expression, scope));

    /// <summary>The sizes of a weight or an input; null, and reported, where one has an error.</summary>
    public Shape? Shape(IEnumerable<Expression> sizes, Scope scope)
    {
        var known = sizes.Select(s => SizeOrNull(s, scope)).ToArray();
        return Array.TrueForAll(known, s => s is not null) ? new Shape(known!) : null;
    }

    /// <summary>A size; null, and reported, where it has an error.</summary>
    public Polynomial? SizeOrNull(Expression expression, Scope scope) =>
        (Guard(expression.Anchor, scope, () => new IntValue(Size(expression, scope))) as IntValue)?.Size;

    /// <summary>A value; an unknown one, and reported, where it has an error.</summary>
    private SpecValue Guard(int anchor, Scope scope, Func<SpecValue> evaluate)
    {
        try
        {
            _context.Work();
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return evaluate();
        }
        catch (Failure failure) when (!failure.IsFinal)
        {
            _context.Report(failure);
        }
        catch (ShapeException e)
        {
            _context.Report(_context.Fail(Catalogue.ShapesDoNotFit, anchor, e.Message, _context.Numbers(e.Message)));
        }
        catch (SizeException e)
        {
            _context.Report(_context.Fail(Catalogue.SizeTooLarge, anchor, e.Message));
        }
        catch (InsufficientExecutionStackException)
        {
            throw _context.Fail(Catalogue.NestedTooDeeply, anchor, scope.Self.Record.Name).Final();
        }
        return UnknownValue.Instance;
    }

    private SpecValue Meaning(Expression expression, Scope scope)
    {
        _context.Graph.Origin = Origin(expression, scope);
        switch (expression)
        {
            case IntLiteral literal: return new IntValue(literal.Value);
            case FloatLiteral literal: return new FloatValue(literal.Value);
            case BoolLiteral literal: return new BoolValue(literal.Value);
            case EnumLiteral literal: return new EnumValue(literal.Type, literal.Member);
            case LocalReference local: return scope.Locals.TryGetValue(local.Name, out var value) ? Here(value) : UnknownValue.Instance;
            case MemberReference { Target: null } member: return Here(Member(scope.Self, member.Name, member.Anchor));
            case MemberReference member: return Here(Member(Layer(member.Target, scope), member.Name, member.Anchor));
            case TupleExpression tuple: return new TupleValue(All(tuple.Items, scope));
            case ListExpression list: return new ListValue(All(list.Items, scope));
            case ConditionalExpression conditional: return Choose(conditional, scope);
            case NewExpression made: return New(made, scope);
            case RepeatExpression repeat: return Repeat(repeat, scope);
            case CallExpression call: return Call(call, scope);
        }
        var operands = Operands(expression).Select(o => Evaluate(o, scope)).ToArray();
        if (!Array.TrueForAll(operands, o => o.IsKnown)) return UnknownValue.Instance;
        _context.Graph.Origin = Origin(expression, scope);
        switch (expression)
        {
            case BinaryExpression binary: return _arithmetic.Binary(binary.Operator, operands[0], operands[1], binary.Anchor);
            case UnaryExpression unary: return _arithmetic.Unary(unary.Operator, operands[0], unary.Anchor);
            case CastExpression cast: return _arithmetic.Cast(cast.Type, operands[0], cast.Anchor);
            case OperationExpression operation:
                return _operations.Call(operation.Operation, operation.Arguments.Select((a, i) => (a.Name, operands[i])).ToArray(), operation.Anchor);
            default: throw new ArgumentException($"no evaluation of {expression.GetType().Name}");
        }
    }

    // What an expression must be for the expression around it to have a value.

    /// <summary>A size: of a weight's axis, of a repeat.</summary>
    /// <exception cref="Failure">It is something else.</exception>
    private Polynomial Size(Expression expression, Scope scope)
    {
        switch (Known(expression, scope))
        {
            case IntValue value:
                _context.Obligations.Add(value.Size, _context.Place(expression.Anchor));
                return value.Size;
            case var other: throw _context.Fail(Catalogue.RunTimeSize, expression.Anchor, other.Kind);
        }
    }

    /// <summary>A condition that decides what the graph is.</summary>
    /// <exception cref="Failure">It is known at run time only.</exception>
    private bool Structure(Expression condition, Scope scope) => Known(condition, scope) switch
    {
        BoolValue value => value.Truth,
        _ => throw _context.Fail(Catalogue.NumberAsStructure, condition.Anchor, SpecWalk.FirstName(condition)),
    };

    /// <exception cref="Failure">It is no layer.</exception>
    public LayerInstance Layer(Expression expression, Scope scope) => Known(expression, scope) switch
    {
        LayerValue value => value.Layer,
        var other => throw _context.Fail(Catalogue.NotOfALayer, expression.Anchor, other.Kind),
    };

    private SpecValue Known(Expression expression, Scope scope) =>
        Evaluate(expression, scope) is { IsKnown: true } value ? value : throw new Failure(null);

    // Members: hyperparameters, weights, layers and computed numbers.

    private SpecValue Member(LayerInstance layer, string name, int anchor)
    {
        if (layer.Arguments.TryGetValue(name, out var argument)) return argument;
        if (layer.Members.TryGetValue((name, _context.Region), out var known)) return known;
        var value = layer.Record.Weights.FirstOrDefault(w => w.Name == name) is { } weight ? Weight(layer, weight, anchor)
            : layer.Record.Members.FirstOrDefault(m => m.Name == name) is { } member
                ? _context.In(layer.Record, anchor, () => Evaluate(member.Value, new Scope(layer, layer.PathOf(member.Name))))
            : throw _context.Fail(Catalogue.MemberNotKnown, anchor, name, layer.Record.Name);
        return layer.Members[(name, _context.Region)] = value;
    }

    private SpecValue Weight(LayerInstance layer, WeightSpec spec, int anchor)
    {
        var scope = new Scope(layer);
        if (_context.In(layer.Record, anchor, () => Shape(spec.Shape, scope)) is not { } shape) return UnknownValue.Instance;
        var weight = new Weight(layer.PathOf(spec.Name), layer.Repeats.Select(r => r.Count).ToEquatableArray(),
            shape, spec.Init, spec.Std, spec.Decay ?? shape.Rank >= 2);
        return new TensorValue(_context.Weights.Use(_context.Region, layer, weight));
    }

    private SpecValue Choose(ConditionalExpression conditional, Scope scope)
    {
        var condition = Known(conditional.Condition, scope);
        if (condition is BoolValue known) return Evaluate(known.Truth ? conditional.True : conditional.False, scope);
        var (yes, no) = (Evaluate(conditional.True, scope), Evaluate(conditional.False, scope));
        if (!yes.IsKnown || !no.IsKnown) return UnknownValue.Instance;
        return _arithmetic.Choose(condition, yes, no)
            ?? throw _context.Fail(Catalogue.NumberAsStructure, conditional.Anchor, SpecWalk.FirstName(conditional.Condition));
    }

    private SpecValue New(NewExpression made, Scope scope)
    {
        var record = _context.Library.Find(made.Record)
            ?? throw new InvalidOperationException($"the layer {made.Record} is in neither the library nor the imports");
        string path = scope.NewPath ?? throw _context.Fail(Catalogue.LayerInMethod, made.Anchor, record.Name);
        var arguments = new Dictionary<string, SpecValue>();
        foreach (var hyper in record.Hyperparameters)
        {
            var given = made.Arguments.FirstOrDefault(a => a.Name == hyper.Name)?.Value;
            var value = Evaluate(given ?? hyper.Default!, scope);
            if (hyper.Kind is HyperparameterKind.Bool or HyperparameterKind.Enum && value is not (BoolValue or EnumValue or UnknownValue))
                throw _context.Fail(Catalogue.LayersDiffer, (given ?? made).Anchor, hyper.Name, record.Name);
            arguments.Add(hyper.Name, hyper.Kind == HyperparameterKind.Float ? _arithmetic.ToFloat(value) : value);
        }
        return new LayerValue(new LayerInstance(path, record, arguments, scope.NewRepeats));
    }

    private SpecValue Repeat(RepeatExpression repeat, Scope scope)
    {
        string path = scope.NewPath ?? throw _context.Fail(Catalogue.LayerInMethod, repeat.Anchor, "Repeat");
        bool shared = repeat.Shared is not null && Structure(repeat.Shared, scope);
        return new RepeatValue(new RepeatInstance(path, scope.Self, repeat, Size(repeat.Count, scope), shared));
    }

    // Methods.

    private SpecValue Call(CallExpression call, Scope scope)
    {
        var target = call.Target is null ? new LayerValue(scope.Self) : Known(call.Target, scope);
        var arguments = call.Arguments.Select(a => (a.Name, Evaluate(a.Value, scope))).ToArray();
        return target switch
        {
            LayerValue layer => Call(layer.Layer, Method(layer.Layer, call.Method, call.Anchor), arguments, call.Anchor),
            RepeatValue repeat => _repeats.Forward(repeat.Repeat, arguments.Select(a => a.Item2).ToArray(), call.Anchor),
            _ => throw _context.Fail(Catalogue.NotOfALayer, call.Anchor, target.Kind),
        };
    }

    /// <param name="arguments">By the names of the method's parameters; what is missing takes its default.</param>
    public SpecValue Call(LayerInstance layer, MethodSpec method, IReadOnlyList<(string Name, SpecValue Value)> arguments, int anchor) =>
        _context.In(layer.Record, anchor, () =>
        {
            var scope = new Scope(layer);
            foreach (var parameter in method.Parameters)
                scope.Locals[parameter.Name] = arguments.Where(a => a.Name == parameter.Name).Select(a => a.Value).FirstOrDefault()
                    ?? Evaluate(parameter.Default!, scope);
            var names = new ValueNames(_context.Graph, layer.Path);
            var result = Run(method.Body, scope, names) ?? throw new InvalidOperationException($"{layer.Record.Name}.{method.Name} ends without a return");
            if (method.Name == "Forward") names.Output(result);
            return result;
        });

    /// <exception cref="Failure">The record has no such method.</exception>
    public MethodSpec Method(LayerInstance layer, string name, int anchor) =>
        layer.Record.Methods.FirstOrDefault(m => m.Name == name)
        ?? throw _context.Fail(Catalogue.MemberNotKnown, anchor, name, layer.Record.Name);

    /// <summary>What the statements return; null where they end without a return, unknown where that cannot be told.</summary>
    private SpecValue? Run(IEnumerable<Statement> body, Scope scope, ValueNames names)
    {
        foreach (var statement in body)
            switch (statement)
            {
                case ReturnStatement result:
                    return Evaluate(result.Value, scope);
                case AssignStatement assign:
                    Assign(assign, Evaluate(assign.Value, scope), scope, names);
                    break;
                case IfStatement choice:
                    if (Guard(choice.Anchor, scope, () => new BoolValue(Structure(choice.Condition, scope))) is not BoolValue condition) return UnknownValue.Instance;
                    if (Run(condition.Truth ? choice.Then : choice.Else, scope, names) is { } value) return value;
                    break;
            }
        return null;
    }

    private static void Assign(AssignStatement assign, SpecValue value, Scope scope, ValueNames names)
    {
        for (int i = 0; i < assign.Names.Count; i++)
        {
            if (assign.Names[i] == "_") continue;
            var item = scope.Locals[assign.Names[i]] = assign.Names.Count == 1 ? value : value is TupleValue tuple ? tuple.Items[i] : UnknownValue.Instance;
            names.Label(item, assign.Names[i]);
        }
    }

    private EquatableArray<SpecValue> All(IEnumerable<Expression> items, Scope scope) => items.Select(i => Evaluate(i, scope)).ToEquatableArray();

    private static IEnumerable<Expression> Operands(Expression expression) => expression switch
    {
        BinaryExpression binary => [binary.Left, binary.Right],
        UnaryExpression unary => [unary.Operand],
        CastExpression cast => [cast.Operand],
        OperationExpression operation => operation.Arguments.Select(a => a.Value),
        _ => [],
    };

    private static Origin Origin(Expression expression, Scope scope) => new(scope.Self.Path, scope.Self.Record.FullName, expression.Anchor);

    /// <summary>A value that may come from a surrounding region, as this region has it.</summary>
    private SpecValue Here(SpecValue value) => value switch
    {
        TensorValue tensor => new TensorValue(_context.Region.Use(tensor.Node)),
        NumberValue number => new NumberValue(_context.Region.Use(number.Node)),
        TupleValue tuple => new TupleValue(tuple.Items.Select(Here).ToEquatableArray()),
        ListValue list => new ListValue(list.Items.Select(Here).ToEquatableArray()),
        _ => value,
    };
}
