namespace ModelDsl.Tokenizers.Chat;

/// <summary>Variables: those of a loop or macro, then those around it.</summary>
internal sealed class TemplateScope
{
    private const int Bytes = 256, BytesPerVariable = 64;

    private readonly Dictionary<string, object?> values = [];
    private readonly TemplateScope? outer;

    /// <summary>The outermost scope of a rendering.</summary>
    internal TemplateScope(TemplateRun run)
    {
        Run = run;
        run.Allocate(Bytes);
    }

    internal TemplateScope(TemplateScope outer) : this(outer.Run) => this.outer = outer;

    internal TemplateRun Run { get; }

    internal void Set(string name, object? value)
    {
        Run.Allocate(BytesPerVariable);
        values[name] = value;
    }

    internal object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.outer)
            if (scope.values.TryGetValue(name, out object? value)) return value;
        return Undefined.Value;
    }
}

/// <summary>The value of a name that nothing has set.</summary>
internal sealed class Undefined
{
    internal static readonly Undefined Value = new();

    public override string ToString() => "";
}
