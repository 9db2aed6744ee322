using System.Runtime.CompilerServices;

namespace ModelDsl;

/// <summary>
/// A stack of layers of one type: <c>new(Layers, layer => new(Width, Heads))</c>. It is compiled to a loop. Each layer has
/// its own weights, unless they are <see cref="Shared"/>. The lambda may give each layer its own scalars, but not its own
/// structure.
/// </summary>
public sealed class Repeat<T>
{
    /// <param name="count">How many; any expression of hyperparameters.</param>
    /// <param name="layer">From a layer's index, 0 at the input, to the layer.</param>
    public Repeat(int count, Func<int, T> layer) => (Count, Layer) = (count, layer);

    public int Count { get; }

    public Func<int, T> Layer { get; }

    /// <summary>
    /// Whether all layers use the same weights, which then exist once: <c>new(Steps, step => new(Width)) { Shared = true }</c>.
    /// </summary>
    public bool Shared { get; init; }

    /// <summary>
    /// Passes x through every layer's <c>Forward(x, inputs...)</c> in turn, which returns a tensor of the shape of x. Every layer
    /// gets the same <paramref name="inputs"/>.
    /// </summary>
    public Tensor Forward(Tensor x, params Tensor[] inputs) => throw CompiledOnly.Error("Repeat.Forward");

    /// <summary>
    /// Passes several tensors through every layer in turn: <c>(a, b) = Blocks.Forward((a, b), mask)</c> with a layer
    /// <c>(Tensor, Tensor) Forward(Tensor a, Tensor b, Tensor mask)</c>. The layer returns as many as are carried, each in its
    /// shape. Every layer gets the same <paramref name="inputs"/>.
    /// </summary>
    /// <typeparam name="TCarried">A tuple of tensors.</typeparam>
    public TCarried Forward<TCarried>(TCarried carried, params Tensor[] inputs) where TCarried : struct, ITuple =>
        throw CompiledOnly.Error("Repeat.Forward");
}
