namespace ModelDsl.Compiler.Spec;

/// <summary>Which hyperparameters, weights and layers of a record anything reads.</summary>
public static class MemberUses
{
    /// <summary>Names and anchors of those that neither the record reads nor another one, in the order of the record.</summary>
    public static IEnumerable<(string Name, int Anchor)> Unused(RecordSpec record, IEnumerable<RecordSpec> others)
    {
        var used = new HashSet<string>(Read(record).Concat(others.SelectMany(ReadElsewhere)));
        return record.Hyperparameters.Select(h => (h.Name, h.Anchor))
            .Concat(record.Weights.Select(w => (w.Name, w.Anchor)))
            .Concat(record.Members.Where(m => MakesLayers(m.Value)).Select(m => (m.Name, m.Anchor)))
            .Where(m => !used.Contains(m.Name));
    }

    /// <summary>The members that a record reads of itself.</summary>
    private static IEnumerable<string> Read(RecordSpec record) => Expressions(record).OfType<MemberReference>().Where(m => m.Target is null).Select(m => m.Name);

    /// <summary>The members that a record reads of what it is made of; of which record they are is not told apart.</summary>
    private static IEnumerable<string> ReadElsewhere(RecordSpec record) => Expressions(record).OfType<MemberReference>().Where(m => m.Target is not null).Select(m => m.Name);

    private static bool MakesLayers(Expression value) =>
        value is NewExpression or RepeatExpression || value is ConditionalExpression choice && (MakesLayers(choice.True) || MakesLayers(choice.False));

    private static IEnumerable<Expression> Expressions(RecordSpec record) =>
        record.Weights.SelectMany(w => w.Shape).Concat(record.Members.Select(m => m.Value))
            .Concat(record.Methods.SelectMany(m => m.Parameters).SelectMany(p => p.Shape.Append(p.Limit!).Append(p.Default!)).Where(e => e is not null))
            .SelectMany(SpecWalk.Expressions).Concat(record.Methods.SelectMany(m => SpecWalk.Expressions(m.Body)));
}
