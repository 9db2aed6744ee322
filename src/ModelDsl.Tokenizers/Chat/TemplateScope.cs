namespace ModelDsl.Tokenizers.Chat;

/// <summary>Variables: those of a loop or macro, then those around it.</summary>
internal sealed class TemplateScope(TemplateScope? outer)
{
    private readonly Dictionary<string, object?> values = [];

    internal void Set(string name, object? value) => values[name] = value;

    internal object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope.values.TryGetValue(name, out object? value)) return value;
        return Undefined.Value;
    }

    private TemplateScope? Outer => outer;
}

/// <summary>What a name stands for that nobody has set.</summary>
internal sealed class Undefined
{
    internal static readonly Undefined Value = new();

    public override string ToString() => "";
}
