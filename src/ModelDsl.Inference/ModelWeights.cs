using ModelDsl.Runtime;

namespace ModelDsl.Inference;

/// <summary>Whether weights are those of a program.</summary>
internal static class ModelWeights
{
    /// <exception cref="ArgumentException">They are not: says where they differ first.</exception>
    public static void Check(string model, IReadOnlyList<WeightInfo> wanted, WeightStore weights)
    {
        for (int i = 0; i < Math.Max(wanted.Count, weights.Infos.Count); i++)
        {
            if (i >= weights.Infos.Count) throw new ArgumentException($"The weights are not those of {model} at these hyperparameters: {Text(wanted[i])} is missing.");
            if (i >= wanted.Count) throw new ArgumentException($"The weights are not those of {model} at these hyperparameters: it has no {Text(weights.Infos[i])}.");
            var (one, other) = (wanted[i], weights.Infos[i]);
            if (one.Name != other.Name || !one.Shape.AsSpan().SequenceEqual(other.Shape))
                throw new ArgumentException($"The weights are not those of {model} at these hyperparameters: {Text(other)} where it has {Text(one)}.");
        }
    }

    private static string Text(WeightInfo weight) => $"{weight.Name} [{string.Join(", ", weight.Shape)}]";
}
