namespace ModelDsl.Runtime;

/// <summary>Lays the weights of a program out in one buffer without gaps, each stack of a repeat's layers in one piece.</summary>
public sealed class WeightTable
{
    private readonly List<WeightInfo> _weights = [];
    private long _next;

    public IReadOnlyList<WeightInfo> Weights => _weights;

    /// <summary>Adds a weight, or one for each layer of the repeats around it.</summary>
    /// <param name="name">With "{}" for the index of each repeat's layer, outermost first.</param>
    /// <param name="counts">The layers of those repeats.</param>
    /// <param name="shape">Of one layer's.</param>
    /// <returns>Where the first begins, in floats; the others follow without gaps.</returns>
    public long Add(string name, int[] counts, int[] shape, Init init, float std, bool decay)
    {
        long first = _next, size = shape.Aggregate(1L, (product, length) => product * length);
        int layers = counts.Aggregate(1, (product, count) => product * count);
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
