namespace ModelDsl;

/// <summary>
/// On a <c>partial Tensor</c> property: a trainable parameter.
/// <code>[Weight(nameof(Width), "4 * Width", Init = Init.Residual)] public partial Tensor Up { get; }</code>
/// </summary>
/// <param name="shape">
/// One entry per dimension: a number, a hyperparameter, a computed <c>int</c> property, or + - * / of those. No entries: a scalar.
/// </param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WeightAttribute(params string[] shape) : Attribute
{
    public string[] Shape { get; } = shape;

    public Init Init { get; set; } = Init.Normal;

    /// <summary>Standard deviation of <see cref="Init.Normal"/> and <see cref="Init.Residual"/>.</summary>
    public float Std { get; set; } = 0.02f;

    public Decay Decay { get; set; } = Decay.Matrices;
}

/// <summary>Whether weight decay applies.</summary>
public enum Decay
{
    /// <summary>To weights of two dimensions and more, not to vectors, as is usual for transformers.</summary>
    Matrices,
    Always,
    Never,
}
