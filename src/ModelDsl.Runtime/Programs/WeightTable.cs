namespace ModelDsl.Runtime;

/// <summary>Lays the weights of a program out in one buffer without gaps, each stack of a repeat's layers in one piece.</summary>
public sealed class WeightTable
{
    /// <summary>The most layers that a weight may have one each of.</summary>
    public const int MostLayers = 1_000_000;

    private readonly List<WeightInfo> _weights = [];
    private long _next;

    public IReadOnlyList<WeightInfo> Weights => _weights;

    /// <summary>Adds a weight, or one for each layer of the repeats around it.</summary>
    /// <param name="name">With "{}" for the index of each repeat's layer, outermost first.</param>
    /// <param name="counts">The layers of those repeats.</param>
    /// <param name="shape">Of one layer's.</param>
    /// <exception cref="ArgumentException">There are more than <see cref="MostLayers"/> layers.</exception>
    /// <returns>Where the first begins, in floats; the others follow without gaps.</returns>
    public long Add(string name, int[] counts, int[] shape, Init init, float std, bool decay)
    {
        long first = _next, size = shape.Aggregate(1L, (product, length) => product * length);
        double wanted = counts.Aggregate(1.0, (product, count) => product * count);
        if (wanted > MostLayers) throw new ArgumentException($"The weight {name} is wanted for {wanted:N0} layers, and a model has at most {MostLayers:N0} of a kind.", nameof(counts));
        int layers = (int)wanted;
        for (int layer = 0; layer < layers; layer++, _next += size)
            _weights.Add(new WeightInfo(Indexed(name, counts, layer), shape, _next, init, std, layers, decay));
        return first;
    }

    private static string Indexed(string name, int[] counts, int layer)
    {
        var parts = name.Split("{}");
        for (int depth = counts.Length - 1; depth >= 0; depth--)
        {
            parts[depth] += layer % counts[depth];
            layer /= counts[depth];
        }
        return string.Concat(parts);
    }
}
