namespace ModelDsl;

/// <summary>
/// A stack of layers of one type, each with its own weights: <c>new(Layers, layer => new(Width, Heads))</c>. It is
/// compiled to a loop. The lambda may give each layer its own scalars, but not its own structure.
/// </summary>
public sealed class Repeat<T>
{
    /// <param name="count">The number of layers; any expression of hyperparameters.</param>
    /// <param name="layer">Creates the layer with a given index, 0 at the input.</param>
    public Repeat(int count, Func<int, T> layer) => (Count, Layer) = (count, layer);

    public int Count { get; }

    public Func<int, T> Layer { get; }

    /// <summary>Passes x through every layer's <c>Forward</c> in turn.</summary>
    public Tensor Forward(Tensor x) => throw CompiledOnly.Error("Repeat.Forward");

    /// <summary>Passes x through every layer's <c>Forward(x, first)</c> in turn; <paramref name="first"/> is the same for all.</summary>
    public Tensor Forward(Tensor x, Tensor first) => throw CompiledOnly.Error("Repeat.Forward");

    /// <inheritdoc cref="Forward(Tensor, Tensor)"/>
    public Tensor Forward(Tensor x, Tensor first, Tensor second) => throw CompiledOnly.Error("Repeat.Forward");

    /// <inheritdoc cref="Forward(Tensor, Tensor)"/>
    public Tensor Forward(Tensor x, Tensor first, Tensor second, Tensor third) => throw CompiledOnly.Error("Repeat.Forward");
}
