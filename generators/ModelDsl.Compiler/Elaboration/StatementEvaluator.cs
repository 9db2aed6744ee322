using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Runs the body of a method.</summary>
internal sealed class StatementEvaluator(ExpressionEvaluator evaluator, ValueNames names)
{
    /// <summary>What it returns; null where it ends without a return.</summary>
    public SpecValue? Run(IEnumerable<Statement> body, Scope scope)
    {
        foreach (var statement in body)
            switch (statement)
            {
                case ReturnStatement result:
                    return evaluator.Evaluate(result.Value, scope);
                case AssignStatement assign:
                    Assign(assign, evaluator.Evaluate(assign.Value, scope), scope);
                    break;
                case IfStatement choice:
                    if (Run(evaluator.Structure(choice.Condition, scope) ? choice.Then : choice.Else, scope) is { } value) return value;
                    break;
            }
        return null;
    }

    private void Assign(AssignStatement assign, SpecValue value, Scope scope)
    {
        for (int i = 0; i < assign.Names.Count; i++)
        {
            if (assign.Names[i] == "_") continue;
            var item = scope.Locals[assign.Names[i]] = assign.Names.Count == 1 ? value : ((TupleValue)value).Items[i];
            names.Label(item, assign.Names[i]);
        }
    }
}
