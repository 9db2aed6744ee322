namespace ModelDsl;

/// <summary>
/// The values that the backward pass of each layer of a <c>Repeat</c> recomputes instead of keeping them from the forward pass:
/// less memory for more time. The gradients are the same up to rounding.
/// </summary>
public enum Recompute
{
    /// <summary>Elementwise values; products, attention, lookups and row statistics are kept.</summary>
    Pointwise,

    /// <summary>Nothing: every value that the backward pass reads is kept.</summary>
    None,

    /// <summary>The whole layer, from its input alone (Chen et al., 2016, "Training deep nets with sublinear memory cost").</summary>
    Layer,
}
