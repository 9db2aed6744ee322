namespace ModelDsl.Runtime;

/// <summary>
/// How a model's weights are named and laid out in files of another ecosystem. A tensor of a file is one of our weights,
/// or several stacked along their first dimension, and may be stored transposed. Weights without a rule keep their name.
/// </summary>
/// <example>
/// <code>
/// new CheckpointNames()
///     .Map("Token.Weight", "wte.weight")
///     .Map("Blocks.{i}.Attention.Output.Weight", "h.{i}.attn.c_proj.weight", transposed: true)
///     .Map(["Blocks.{i}.Attention.Query.Weight", "Blocks.{i}.Attention.Key.Weight", "Blocks.{i}.Attention.Value.Weight"],
///          "h.{i}.attn.c_attn.weight", transposed: true)
///     .Ignore("h.{i}.attn.bias");
/// </code>
/// </example>
public sealed class CheckpointNames
{
    private readonly List<(NamePattern[] Own, string[] OwnText, NamePattern Foreign, bool Transposed)> _rules = [];
    private readonly List<NamePattern> _ignored = [];

    /// <summary>Our own names.</summary>
    public static CheckpointNames Own { get; } = new();

    /// <summary>One weight, one tensor; <paramref name="transposed"/> where the file has [in, out].</summary>
    public CheckpointNames Map(string own, string foreign, bool transposed = false) => Map([own], foreign, transposed);

    /// <summary>Several weights stacked in one tensor, in this order.</summary>
    public CheckpointNames Map(string[] own, string foreign, bool transposed = false)
    {
        _rules.Add(([.. own.Select(text => new NamePattern(text))], own, new(foreign), transposed));
        return this;
    }

    /// <summary>A tensor that files may hold and the model does not need (masks, caches, tied copies).</summary>
    public CheckpointNames Ignore(string foreign)
    {
        _ignored.Add(new(foreign));
        return this;
    }

    internal bool Ignores(string foreign) => _ignored.Exists(pattern => pattern.Match(foreign) is not null);

    /// <summary>The tensors of a file of these weights.</summary>
    internal List<ForeignTensor> Resolve(IReadOnlyList<WeightInfo> infos)
    {
        var tensors = new List<ForeignTensor>();
        var byName = infos.ToDictionary(info => info.Name);
        foreach (var info in infos)
        {
            if (Find(info.Name) is not var (rule, part, numbers))
                tensors.Add(new(info.Name, Transposed: false, [info]));
            else if (part == 0)
                tensors.Add(new(_rules[rule].Foreign.Fill(numbers), _rules[rule].Transposed,
                    [.. _rules[rule].OwnText.Select(own => Part(byName, new NamePattern(own).Fill(numbers)))]));
        }
        return tensors;
    }

    private (int Rule, int Part, Dictionary<string, string> Numbers)? Find(string own)
    {
        for (int rule = 0; rule < _rules.Count; rule++)
            for (int part = 0; part < _rules[rule].Own.Length; part++)
                if (_rules[rule].Own[part].Match(own) is { } numbers)
                    return (rule, part, numbers);
        return null;
    }

    private static WeightInfo Part(Dictionary<string, WeightInfo> infos, string name) => infos.TryGetValue(name, out var info)
        ? info
        : throw new ArgumentException($"The checkpoint's names stack a weight {name}, which the model does not have.");
}

/// <summary>A tensor of a file and the weights it is made of.</summary>
internal sealed record ForeignTensor(string Name, bool Transposed, WeightInfo[] Parts)
{
    public long Count => Parts.Sum(part => part.Count);

    /// <summary>[sum of the first dimensions, ...rest], or its transpose.</summary>
    public long[] Shape { get; } = ShapeOf(Name, Transposed, Parts);

    private static long[] ShapeOf(string name, bool transposed, WeightInfo[] parts)
    {
        long[] shape = [.. parts[0].Shape];
        foreach (var part in parts[1..])
        {
            if (!part.Shape.AsSpan(1).SequenceEqual(parts[0].Shape.AsSpan(1)))
                throw new ArgumentException($"The weights that '{name}' stacks differ in more than their first dimension.");
            shape[0] += part.Shape[0];
        }
        if (transposed && shape.Length != 2)
            throw new ArgumentException($"'{name}' is said to be transposed, but {parts[0].Name} is no matrix.");
        return transposed ? [shape[1], shape[0]] : shape;
    }
}
