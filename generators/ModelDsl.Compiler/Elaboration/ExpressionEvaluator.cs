using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>From an expression to its value: tensors become nodes of the context's region, sizes polynomials.</summary>
internal sealed class ExpressionEvaluator
{
    private readonly Context _context;
    private readonly Arithmetic _arithmetic;
    private readonly OperationCalls _operations;
    private readonly Calls _calls;
    private readonly Members _members;

    public ExpressionEvaluator(Context context)
    {
        _context = context;
        _arithmetic = new Arithmetic(context);
        _operations = new OperationCalls(context, _arithmetic);
        _members = new Members(context, this);
        _calls = new Calls(context, this, new RepeatElaborator(context, this));
    }

    public Calls Calls => _calls;

    public SpecValue Evaluate(Expression expression, Scope scope)
    {
        _context.Graph.Origin = Origin(expression, scope);
        switch (expression)
        {
            case IntLiteral literal: return new IntValue(literal.Value);
            case FloatLiteral literal: return new FloatValue(literal.Value);
            case BoolLiteral literal: return new BoolValue(literal.Value);
            case EnumLiteral literal: return new EnumValue(literal.Type, literal.Member);
            case LocalReference local: return Here(scope.Locals[local.Name]);
            case MemberReference { Target: null } member: return Here(_members.Evaluate(scope.Self, member.Name, member.Anchor));
            case MemberReference member: return Here(_members.Evaluate(Layer(member.Target, scope), member.Name, member.Anchor));
            case TupleExpression tuple: return new TupleValue(All(tuple.Items, scope));
            case ListExpression list: return new ListValue(All(list.Items, scope));
            case ConditionalExpression conditional: return Choose(conditional, scope);
            case NewExpression made: return New(made, scope);
            case RepeatExpression repeat: return Repeat(repeat, scope);
            case CallExpression call: return _calls.Evaluate(call, scope);
        }
        var operands = Operands(expression).Select(o => Evaluate(o, scope)).ToArray();
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

    /// <summary>A size: of a weight's axis, of a repeat.</summary>
    public Polynomial Size(Expression expression, Scope scope)
    {
        switch (Evaluate(expression, scope))
        {
            case IntValue value:
                _context.Obligations.Add(value.Size, _context.Place(expression.Anchor));
                return value.Size;
            case var other: throw _context.Fail(Catalogue.RunTimeSize, expression.Anchor, other.Kind);
        }
    }

    /// <summary>A condition that decides what the graph is.</summary>
    public bool Structure(Expression condition, Scope scope) => Evaluate(condition, scope) switch
    {
        BoolValue value => value.Truth,
        _ => throw _context.Fail(Catalogue.NumberAsStructure, condition.Anchor, SpecNames.FirstName(condition)),
    };

    public LayerInstance Layer(Expression expression, Scope scope) => Evaluate(expression, scope) switch
    {
        LayerValue value => value.Layer,
        var other => throw _context.Fail(Catalogue.NotOfALayer, expression.Anchor, other.Kind),
    };

    private SpecValue Choose(ConditionalExpression conditional, Scope scope)
    {
        var condition = Evaluate(conditional.Condition, scope);
        if (condition is BoolValue known) return Evaluate(known.Truth ? conditional.True : conditional.False, scope);
        var (yes, no) = (Evaluate(conditional.True, scope), Evaluate(conditional.False, scope));
        return _arithmetic.Choose(condition, yes, no)
            ?? throw _context.Fail(Catalogue.NumberAsStructure, conditional.Anchor, SpecNames.FirstName(conditional.Condition));
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
            if (hyper.Kind is HyperparameterKind.Bool or HyperparameterKind.Enum && value is not (BoolValue or EnumValue))
                throw _context.Fail(Catalogue.LayersDiffer, (given ?? made).Anchor, hyper.Name, record.Name);
            arguments.Add(hyper.Name, hyper.Kind == HyperparameterKind.Float ? _arithmetic.ToFloat(value) : value);
        }
        return new LayerValue(new LayerInstance(path, record, arguments, scope.NewRepeats));
    }

    private SpecValue Repeat(RepeatExpression repeat, Scope scope)
    {
        string path = scope.NewPath ?? throw _context.Fail(Catalogue.LayerInMethod, repeat.Anchor, "Repeat");
        return new RepeatValue(new RepeatInstance(path, scope.Self, repeat, Size(repeat.Count, scope)));
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

    private Origin Origin(Expression expression, Scope scope) => new(scope.Self.Path, scope.Self.Record.FullName, expression.Anchor);

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
