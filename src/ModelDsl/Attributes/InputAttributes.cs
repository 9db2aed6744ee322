namespace ModelDsl;

/// <summary>
/// On a <see cref="Tensor"/> parameter of a model's own <c>Forward</c> or <c>Loss</c>: the dimensions that follow the
/// batch. <c>[Shape(nameof(Pixels))] Tensor image</c> is [B, Pixels].
/// </summary>
/// <param name="shape">As in <see cref="WeightAttribute"/>.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ShapeAttribute(params string[] shape) : Attribute
{
    public string[] Shape { get; } = shape;
}

/// <summary>
/// On a <see cref="Tokens"/> or <see cref="Labels"/> parameter: its values are in [0, limit). <c>[Limit(nameof(Vocab))]</c>.
/// </summary>
/// <param name="limit">As a dimension of <see cref="WeightAttribute"/>.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class LimitAttribute(string limit) : Attribute
{
    public string Limit { get; } = limit;
}
