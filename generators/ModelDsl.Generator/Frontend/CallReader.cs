using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads calls: of operations, of this record's methods, of layers and repeats, and of Math on numbers.</summary>
internal sealed class CallReader(ReadingContext context, ExpressionReader expressions)
{
    public HashSet<IMethodSymbol> Called { get; } = new(SymbolEqualityComparer.Default);

    public Expression? Read(IInvocationOperation invocation)
    {
        int anchor = context.Anchor(invocation.Syntax);
        var method = invocation.TargetMethod;
        var type = method.ContainingType;
        if (DslTypes.IsOperations(type) || NumberFunctions.Has(method))
            return ReadArguments(invocation.Arguments) is { } inputs
                ? new OperationExpression(method.Name, inputs, anchor)
                : null;

        Expression? target = null;
        if (SymbolEqualityComparer.Default.Equals(type, context.Record) && invocation.Instance is null or IInstanceReferenceOperation)
        {
            Called.Add(method);
        }
        else if (invocation.Instance is { } instance && !method.IsImplicitlyDeclared && (DslTypes.IsLayer(type) || DslTypes.IsRepeat(type)))
        {
            target = expressions.Read(instance);
            if (target is null) return null;
        }
        else
        {
            context.Report(Catalogue.CallNotKnown, invocation.Syntax, $"{type.Name}.{method.Name}", Alternatives.OfCall(method));
            return null;
        }
        return ReadArguments(invocation.Arguments) is { } arguments
            ? new CallExpression(target, method.Name, arguments, anchor)
            : null;
    }

    /// <summary>In the order of the parameters. What the call leaves out is left out: the callee's defaults fill it.</summary>
    public EquatableArray<Argument>? ReadArguments(IEnumerable<IArgumentOperation> arguments)
    {
        List<Argument>? read = [];
        foreach (var argument in arguments.OrderBy(argument => argument.Parameter?.Ordinal))
        {
            if (argument.Parameter is null) return null;
            if (argument.ArgumentKind == ArgumentKind.DefaultValue || IsEmpty(argument)) continue;
            if (expressions.Read(argument.Value) is { } value) read?.Add(new(argument.Parameter.Name, value));
            else read = null;
        }
        return read?.ToEquatableArray();
    }

    /// <summary>A params array that nothing is given to.</summary>
    private static bool IsEmpty(IArgumentOperation argument) =>
        argument is { ArgumentKind: ArgumentKind.ParamArray, Value: IArrayCreationOperation { Initializer: null or { ElementValues.IsEmpty: true } } };
}
