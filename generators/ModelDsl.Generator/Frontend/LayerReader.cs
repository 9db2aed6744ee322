using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads what makes layers: new(...), new Repeat(count, index => new(...)) and a choice between them.</summary>
internal sealed class LayerReader(ReadingContext context, ExpressionReader expressions)
{
    public Expression? Read(IOperation operation)
    {
        switch (operation)
        {
            case IConversionOperation { Operand: IObjectCreationOperation or IConditionalOperation } conversion:
                return Read(conversion.Operand);
            case IObjectCreationOperation creation:
                return DslTypes.IsRepeat(creation.Type) ? ReadRepeat(creation) : ReadNew(creation);
            case IConditionalOperation { WhenFalse: { } other } choice when DslTypes.IsLayer(choice.Type) || DslTypes.IsRepeat(choice.Type):
                int anchor = context.Anchor(choice.Syntax);
                var condition = expressions.Read(choice.Condition);
                var whenTrue = Read(choice.WhenTrue);
                var whenFalse = Read(other);
                return condition is null || whenTrue is null || whenFalse is null ? null
                    : new ConditionalExpression(condition, whenTrue, whenFalse, anchor);
            case { Type: { } type } when DslTypes.IsLayer(type) || DslTypes.IsRepeat(type):
                context.Report(Catalogue.ExpressionNotKnown, operation.Syntax, Alternatives.Quote(operation), "a layer is made by new(...)");
                return null;
            default:
                return expressions.Read(operation);
        }
    }

    public NewExpression? ReadNew(IObjectCreationOperation creation)
    {
        int anchor = context.Anchor(creation.Syntax);
        if (creation.Type is not INamedTypeSymbol type) return null;
        bool self = SymbolEqualityComparer.Default.Equals(type, context.Record);
        if (!self && !CheckLayer(creation, type)) return null;
        if (creation.Initializer is { } initializer)
        {
            context.Report(Catalogue.ExpressionNotKnown, initializer.Syntax, "An object initializer", "give every hyperparameter in the parentheses");
            return null;
        }
        return expressions.ReadArguments(creation.Arguments) is { } arguments
            ? new(DslTypes.FullName(type), arguments, anchor)
            : null;
    }

    private bool CheckLayer(IObjectCreationOperation creation, INamedTypeSymbol type)
    {
        if (!DslTypes.IsLayer(type))
        {
            context.Report(Catalogue.NotALayer, creation.Syntax, type.Name);
            return false;
        }
        if (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, context.Record.ContainingAssembly)) return true;
        if (context.Imports.Add(type) is not { } reason) return true;
        context.Report(Catalogue.LayerWithoutSpec, creation.Syntax, type.Name, type.ContainingAssembly.Name, reason);
        return false;
    }

    private RepeatExpression? ReadRepeat(IObjectCreationOperation creation)
    {
        int anchor = context.Anchor(creation.Syntax);
        var arguments = creation.Arguments.OrderBy(argument => argument.Parameter?.Ordinal).Select(argument => argument.Value).ToArray();
        if (arguments.Length != 2)
        {
            context.Invalid();
            return null;
        }
        var count = expressions.Read(arguments[0]);
        bool valid = ReadShared(creation.Initializer, out var shared);
        if (arguments[1] is not IDelegateCreationOperation { Target: IAnonymousFunctionOperation lambda }
            || lambda.Body.Operations.Length != 1 || lambda.Body.Operations[0] is not IReturnOperation { ReturnedValue: { } made })
        {
            context.Report(Catalogue.RepeatIsNotALambda, arguments[1].Syntax, arguments[0].Syntax.ToString());
            return null;
        }
        var layer = Read(made);
        return count is null || layer is null || !valid ? null : new(count, lambda.Symbol.Parameters[0].Name, layer, shared, anchor);
    }

    /// <summary>{ Shared = ... } after the parentheses.</summary>
    private bool ReadShared(IObjectOrCollectionInitializerOperation? initializer, out Expression? shared)
    {
        shared = null;
        foreach (var part in initializer?.Initializers ?? [])
        {
            if (part is not ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: "Shared" }, Value: var value })
            {
                Unknown.Report(context, Catalogue.ExpressionNotKnown, part);
                return false;
            }
            shared = expressions.Read(value);
            if (shared is null) return false;
        }
        return true;
    }
}
