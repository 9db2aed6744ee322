using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads the statements of a method: assignments, if and return.</summary>
internal sealed class StatementReader(ReadingContext context, ExpressionReader expressions)
{
    /// <summary>The locals that the method declares, with the places of their names.</summary>
    public List<ILocalSymbol> Declared { get; } = [];

    public void Read(IOperation? operation, List<Statement> statements)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (operation)
        {
            case null or IEmptyOperation: break;
            case IBlockOperation block:
                foreach (var inner in block.Operations) Read(inner, statements);
                break;
            case IReturnOperation { ReturnedValue: { } value } result:
                ReadReturn(result, value, statements);
                break;
            case IConditionalOperation choice:
                ReadIf(choice, statements);
                break;
            case IVariableDeclarationGroupOperation group:
                foreach (var variable in group.Declarations.SelectMany(declaration => declaration.Declarators)) ReadDeclaration(variable, statements);
                break;
            case IExpressionStatementOperation { Operation: ISimpleAssignmentOperation assignment }:
                Assign(assignment, [assignment.Target], assignment.Value, statements);
                break;
            case IExpressionStatementOperation { Operation: IDeconstructionAssignmentOperation assignment }:
                Assign(assignment, Targets(assignment.Target), assignment.Value, statements);
                break;
            case IExpressionStatementOperation { Operation: ICompoundAssignmentOperation assignment }:
                AssignCompound(assignment, statements);
                break;
            case IExpressionStatementOperation { Operation: IInvalidOperation or IInvocationOperation } discarded:
                // A call is read for its own mistakes; that its value is dropped is one more.
                if (expressions.Read(discarded.Operation) is not null) NotKnown(discarded);
                break;
            case IInvalidOperation:
                context.Invalid();
                break;
            default:
                NotKnown(operation);
                break;
        }
    }

    private void ReadReturn(IReturnOperation result, IOperation value, List<Statement> statements)
    {
        int anchor = context.Anchor(result.Syntax);
        if (expressions.Read(value) is { } read) statements.Add(new ReturnStatement(read, anchor));
    }

    private void ReadIf(IConditionalOperation choice, List<Statement> statements)
    {
        int anchor = context.Anchor(choice.Syntax);
        var condition = expressions.Read(choice.Condition);
        List<Statement> then = [], otherwise = [];
        Read(choice.WhenTrue, then);
        Read(choice.WhenFalse, otherwise);
        if (condition is not null) statements.Add(new IfStatement(condition, then.ToEquatableArray(), otherwise.ToEquatableArray(), anchor));
    }

    private void ReadDeclaration(IVariableDeclaratorOperation variable, List<Statement> statements)
    {
        if (variable.Symbol.IsConst) return; // its uses are literals
        Declared.Add(variable.Symbol);
        if (variable.GetVariableInitializer() is not { } initializer) return;
        int anchor = context.Anchor(variable.Syntax);
        if (expressions.Read(initializer.Value) is { } value)
            statements.Add(new AssignStatement(new([variable.Symbol.Name]), value, anchor));
    }

    private void Assign(IOperation assignment, IEnumerable<IOperation> targets, IOperation value, List<Statement> statements)
    {
        int anchor = context.Anchor(assignment.Syntax);
        var names = targets.Select(Name).ToArray();
        var read = expressions.Read(value);
        if (read is not null && names.All(name => name is not null)) statements.Add(new AssignStatement(new(names!), read, anchor));
    }

    private void AssignCompound(ICompoundAssignmentOperation assignment, List<Statement> statements)
    {
        int anchor = context.Anchor(assignment.Syntax);
        if (Operators.Text(assignment.OperatorKind) is not { } text)
        {
            NotKnown(assignment);
            return;
        }
        string? name = Name(assignment.Target);
        var left = name is null ? null : expressions.Read(assignment.Target);
        var right = expressions.Read(assignment.Value);
        if (left is not null && right is not null)
            statements.Add(new AssignStatement(new([name!]), new BinaryExpression(text, left, right, anchor), anchor));
    }

    private static IEnumerable<IOperation> Targets(IOperation target) => target switch
    {
        ITupleOperation tuple => tuple.Elements,
        IDeclarationExpressionOperation { Expression: ITupleOperation tuple } => tuple.Elements,
        _ => [target],
    };

    /// <summary>The name that an assignment gives a value; null, and reported, for what is not a local.</summary>
    private string? Name(IOperation target)
    {
        switch (target)
        {
            case IDiscardOperation: return "_";
            case IParameterReferenceOperation parameter: return parameter.Parameter.Name;
            case IDeclarationExpressionOperation declaration: return Name(declaration.Expression);
            case ILocalReferenceOperation local:
                if (local.IsDeclaration) Declared.Add(local.Local);
                return local.Local.Name;
            default:
                context.Report(Catalogue.StatementNotKnown, target.Syntax, $"Assigning {Alternatives.Quote(target)}", "only locals and parameters are assigned");
                return null;
        }
    }

    private void NotKnown(IOperation operation) => Unknown.Report(context, Catalogue.StatementNotKnown, operation);
}
