using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Spec;

/// <summary>The layers that a record is made of: the records that its members create.</summary>
public static class LayerReferences
{
    public static IEnumerable<NewExpression> Of(RecordSpec spec) => spec.Members.SelectMany(member => In(member.Value));

    private static IEnumerable<NewExpression> In(Expression value) => value switch
    {
        NewExpression creation => [creation],
        RepeatExpression repeat => In(repeat.Layer),
        ConditionalExpression choice => In(choice.True).Concat(In(choice.False)),
        _ => [],
    };
}
