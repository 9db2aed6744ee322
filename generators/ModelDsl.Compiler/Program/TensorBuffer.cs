using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>Who owns a buffer and how long it lives.</summary>
public enum Space
{
    /// <summary>Placed by its lifetime within one run of an entry.</summary>
    Scratch,

    /// <summary>A weight of the model.</summary>
    Weight,

    /// <summary>The gradient of a weight, kept across the micro-steps of a step.</summary>
    Gradient,

    /// <summary>What the caller brings: tokens, targets, images.</summary>
    Input,

    /// <summary>What a decode step keeps for the next: keys and values of every position, the state of a recurrence.</summary>
    State,
}

/// <summary>A typed block of memory: dense, row-major.</summary>
/// <param name="space">Who owns it.</param>
/// <param name="source">The weight, input or state that it is; empty for scratch.</param>
/// <param name="origin">What its name is made of.</param>
/// <param name="inPlaceOf">The buffer whose memory it takes: a result that overwrites an input.</param>
public sealed class TensorBuffer(Space space, string source, DType type, Shape shape, BufferOrigin origin, TensorBuffer? inPlaceOf = null)
{
    public Space Space { get; } = space;
    public string Source { get; } = source;
    public DType Type { get; } = type;
    public Shape Shape { get; } = shape;
    public BufferOrigin Origin { get; } = origin;

    /// <summary>The buffer that owns the memory: this one, unless it takes another's place.</summary>
    public TensorBuffer Memory => inPlaceOf?.Memory ?? this;

    /// <summary>Unique among the buffers that one method of the entry uses. Given by the naming pass.</summary>
    public string Name { get; internal set; } = origin.Names[0];

    public Polynomial Count => Shape.Count;
    public override string ToString() => Name;
}

/// <summary>What a buffer is, for its name.</summary>
/// <param name="Names">The names it may have, from the shortest to the longest: "rstd", "attentionNormRstd", "blocksAttentionNormRstd".</param>
/// <param name="Gradient">Whether it is the gradient of a value.</param>
public sealed record BufferOrigin(EquatableArray<string> Names, bool Gradient = false);
