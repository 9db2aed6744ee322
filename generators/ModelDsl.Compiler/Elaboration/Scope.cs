namespace ModelDsl.Compiler.Elaboration;

/// <summary>What the names in an expression mean.</summary>
/// <param name="self">The layer whose member is evaluated.</param>
/// <param name="newPath">The member path that a new layer takes; null in a method, where none can be made.</param>
internal sealed class Scope(LayerInstance self, string? newPath = null)
{
    public LayerInstance Self => self;
    public string? NewPath => newPath;

    /// <summary>The repeats around a new layer.</summary>
    public EquatableArray<RepeatInstance> NewRepeats { get; init; } = self.Repeats;

    public Dictionary<string, SpecValue> Locals { get; } = [];
}
