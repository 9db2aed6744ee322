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

    public const string Compiled = nameof(Compiled);
    public const string Files = nameof(Files);
    public const string Facades = nameof(Facades);

    /// <summary>All but <see cref="Readings"/>.</summary>
    public static readonly string[] Cached = [Records, Library, Recursions, Unused, Inputs, Compiled, Files, Facades];
}
