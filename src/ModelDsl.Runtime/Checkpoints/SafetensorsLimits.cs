namespace ModelDsl.Runtime;

/// <summary>
/// What a safetensors file may ask for before it is refused, so that a lying or hostile one cannot take all memory. The
/// defaults are above what published models have.
/// </summary>
public sealed record SafetensorsLimits
{
    /// <summary>Bytes of the JSON header; the default is the reference implementation's.</summary>
    public long HeaderBytes { get; init; } = 100_000_000;

    /// <summary>Tensors in one file.</summary>
    public int Tensors { get; init; } = 100_000;

    /// <summary>Dimensions of a tensor.</summary>
    public int Dimensions { get; init; } = 32;
}
