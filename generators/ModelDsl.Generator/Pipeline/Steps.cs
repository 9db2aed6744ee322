namespace ModelDsl.Generator.Pipeline;

/// <summary>
/// The names of the tracked steps. All of them but <see cref="Readings"/> give equal values, and so stay cached, as long as
/// the records they stand for do not change.
/// </summary>
internal static class Steps
{
    /// <summary>Records with their places: new after every edit.</summary>
    public const string Readings = nameof(Readings);

    public const string Records = nameof(Records);
    public const string Library = nameof(Library);
    public const string Recursions = nameof(Recursions);
    public const string Unused = nameof(Unused);

    /// <summary>Models with the layers that they reach.</summary>
    public const string Inputs = nameof(Inputs);

    /// <summary>Graphs among them, which compare by reference.</summary>
    public const string Elaborated = nameof(Elaborated);

    public const string Declarations = nameof(Declarations);
    public const string Findings = nameof(Findings);
    public const string Hints = nameof(Hints);
    public const string Compiled = nameof(Compiled);
    public const string Files = nameof(Files);
    public const string Facades = nameof(Facades);

    /// <summary>What holds values alone.</summary>
    public static readonly string[] Values = [Records, Library, Recursions, Unused, Inputs, Declarations, Findings, Hints, Compiled, Files, Facades];

    /// <summary>All but <see cref="Readings"/>.</summary>
    public static readonly string[] Cached = [.. Values, Elaborated];
}
