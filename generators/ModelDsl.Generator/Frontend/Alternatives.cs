using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace ModelDsl.Generator.Frontend;

/// <summary>What to write instead of C# that the DSL does not have.</summary>
internal static class Alternatives
{
    private const int QuotedLength = 40;

    /// <summary>The source itself, cut to one short line.</summary>
    public static string Quote(IOperation operation)
    {
        string text = string.Join(" ", operation.Syntax.ToString().Split([' ', '\n', '\r', '\t'], System.StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= QuotedLength ? $"'{text}'" : $"'{text.Substring(0, QuotedLength)}...'";
    }

    public static string Of(IOperation operation) => operation switch
    {
        IArrayElementReferenceOperation or IImplicitIndexerReferenceOperation => "take a part with the operation Slice",
        IPropertyReferenceOperation => "take a part with the operation Slice",
        IIsPatternOperation or IIsTypeOperation => "compare with == and combine with && and ||",
        ICoalesceOperation or IConditionalAccessOperation => "choose with a bool hyperparameter and ? :",
        IIncrementOrDecrementOperation or IAssignmentOperation => "give the new value a name of its own, in a statement",
        IBinaryOperation { OperatorKind: BinaryOperatorKind.And } => "write &&",
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Or } => "write ||",
        IFieldReferenceOperation => "make it a hyperparameter or a constant",
        IAnonymousFunctionOperation or IDelegateCreationOperation => "write a method of the record and call it",
        ILocalFunctionOperation => "write a method of the record",
        ILoopOperation => "repeat layers with Repeat, and reduce or broadcast with operations",
        ISwitchOperation => "write if, or a switch expression on an enum hyperparameter",
        IThrowOperation or ITryOperation => "the shapes and hyperparameters are checked by the compiler",
        IWithOperation => "write new(...) with every hyperparameter",
        IUsingOperation or ILockOperation => "a tensor needs neither disposing nor locking",
        IExpressionStatementOperation => "a value must be returned or given a name",
        ILiteralOperation or IInterpolatedStringOperation or IDefaultValueOperation => "values are tensors, numbers, booleans and enum members",
        _ => "there are arithmetic, comparisons, operations of Ops, calls of methods and layers, tuples, ? : and switch on an enum",
    };

    public static string OfCall(IMethodSymbol method)
    {
        if (NumberFunctions.AreIn(method.ContainingType)) return $"of Math and MathF there are {string.Join(", ", NumberFunctions.Names)}";
        if (DslOperations.Names.Contains(method.Name)) return $"call the operation {method.Name} of ModelDsl.Ops";
        if (Spelling.Closest(method.Name, DslOperations.Names) is { } closest) return $"the closest operation of ModelDsl.Ops is {closest}";
        return "call operations of ModelDsl.Ops, methods of this record, and layers";
    }
}
