using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// Reads expressions: from C#'s operation tree, where names are bound, constants folded and conversions explicit, to the
/// small language of <see cref="Expression"/>. Null means that something was reported; what is left is read all the same,
/// so that one build shows every mistake.
/// </summary>
internal sealed class ExpressionReader
{
    private readonly ReadingContext _context;
    private readonly LayerReader _layers;
    private readonly CallReader _calls;
    private readonly ReferenceReader _references;

    public ExpressionReader(ReadingContext context)
    {
        _context = context;
        _layers = new(context, this);
        _references = new(context, this);
        _calls = new(context, this);
    }

    /// <summary>The methods of the record that were called so far.</summary>
    public ISet<IMethodSymbol> Called => _calls.Called;

    /// <summary>The locals that were read so far.</summary>
    public ISet<ISymbol> Used => _references.Used;

    /// <summary>The value of a property: the one place where layers are made.</summary>
    public Expression? ReadMember(IOperation operation) => _layers.Read(operation);

    public NewExpression? ReadNew(IObjectCreationOperation creation) => _layers.ReadNew(creation);

    public EquatableArray<Argument>? ReadArguments(IEnumerable<IArgumentOperation> arguments) => _calls.ReadArguments(arguments);

    public Expression? Read(IOperation operation) => _context.Inside(operation.Syntax, () => ReadHere(operation));

    private Expression? ReadHere(IOperation operation)
    {
        if (operation.ConstantValue.HasValue && ConstantReader.Read(operation.ConstantValue.Value, operation.Type, -1) is not null)
            return ConstantReader.Read(operation.ConstantValue.Value, operation.Type, _context.Anchor(operation.Syntax));
        return operation switch
        {
            ILocalReferenceOperation local => _references.Read(local),
            IParameterReferenceOperation parameter => _references.Read(parameter),
            IPropertyReferenceOperation property => _references.Read(property),
            IBinaryOperation binary => ReadBinary(binary),
            IUnaryOperation unary => ReadUnary(unary),
            IConversionOperation conversion => ReadConversion(conversion),
            IConditionalOperation { WhenFalse: not null } choice => ReadConditional(choice),
            ISwitchExpressionOperation choice => SwitchReader.Read(_context, this, choice),
            IInvocationOperation invocation => _calls.Read(invocation),
            IObjectCreationOperation creation => ReadCreation(creation),
            ITupleOperation tuple => ReadTuple(tuple),
            ICollectionExpressionOperation list => ReadList(list, list.Elements),
            IArrayCreationOperation { Initializer: { } initializer } array => ReadList(array, initializer.ElementValues),
            IInvalidOperation invalid => ReadInvalid(invalid),
            _ => NotKnown(operation),
        };
    }

    private Expression? ReadInvalid(IInvalidOperation invalid)
    {
        Unknown.Explain(_context, invalid);
        return null;
    }

    private Expression? ReadBinary(IBinaryOperation binary)
    {
        int anchor = _context.Anchor(binary.Syntax);
        if (Operators.Text(binary) is not { } text) return NotKnown(binary);
        if (Operators.DecidesByNumber(binary) is { } number)
        {
            _context.Report(Catalogue.NumberAsStructure, binary.Syntax, number);
            return null;
        }
        var left = Read(binary.LeftOperand);
        var right = Read(binary.RightOperand);
        return left is null || right is null ? null : new BinaryExpression(text, left, right, anchor);
    }

    private Expression? ReadUnary(IUnaryOperation unary)
    {
        if (unary.OperatorKind == UnaryOperatorKind.Plus) return Read(unary.Operand);
        string? text = unary.OperatorKind switch { UnaryOperatorKind.Minus => "-", UnaryOperatorKind.Not => "!", _ => null };
        if (text is null) return NotKnown(unary);
        int anchor = _context.Anchor(unary.Syntax);
        return Read(unary.Operand) is { } operand ? new UnaryExpression(text, operand, anchor) : null;
    }

    private Expression? ReadConversion(IConversionOperation conversion)
    {
        if (!conversion.Conversion.Exists) _context.Invalid();
        if (conversion.Operand.Type is not { } from || conversion.Type is not { } to || Numbers.IsFloat(from) == Numbers.IsFloat(to)) return Read(conversion.Operand);
        string? type = Numbers.IsFloat(to) && Numbers.IsInt(from) ? "float" : Numbers.IsInt(to) && Numbers.IsFloat(from) ? "int" : null;
        if (type is null) return NotKnown(conversion);
        int anchor = _context.Anchor(conversion.Syntax);
        return Read(conversion.Operand) is { } operand ? new CastExpression(type, operand, anchor) : null;
    }

    private Expression? ReadConditional(IConditionalOperation choice)
    {
        int anchor = _context.Anchor(choice.Syntax);
        var condition = Read(choice.Condition);
        var whenTrue = Read(choice.WhenTrue);
        var whenFalse = Read(choice.WhenFalse!);
        return condition is null || whenTrue is null || whenFalse is null ? null
            : new ConditionalExpression(condition, whenTrue, whenFalse, anchor);
    }

    private Expression? ReadCreation(IObjectCreationOperation creation)
    {
        if (!DslTypes.IsLayer(creation.Type) && !DslTypes.IsRepeat(creation.Type)) return NotKnown(creation);
        _context.Report(Catalogue.LayerInMethod, creation.Syntax, creation.Type!.Name);
        return null;
    }

    private Expression? ReadTuple(ITupleOperation tuple)
    {
        int anchor = _context.Anchor(tuple.Syntax);
        return ReadAll(tuple.Elements) is { } items ? new TupleExpression(items, anchor) : null;
    }

    private Expression? ReadList(IOperation list, IEnumerable<IOperation> elements)
    {
        int anchor = _context.Anchor(list.Syntax);
        return ReadAll(elements) is { } items ? new ListExpression(items, anchor) : null;
    }

    private EquatableArray<Expression>? ReadAll(IEnumerable<IOperation> operations)
    {
        var items = operations.Select(Read).ToArray();
        return Array.TrueForAll(items, item => item is not null) ? new EquatableArray<Expression>(items!) : default(EquatableArray<Expression>?);
    }

    private Expression? NotKnown(IOperation operation)
    {
        Unknown.Report(_context, Catalogue.ExpressionNotKnown, operation);
        return null;
    }
}
