using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>The weights that the graphs use, in order of first use, and where a region reads them from.</summary>
internal sealed class WeightTable
{
    private readonly Dictionary<string, Weight> _byName = [];
    private readonly List<Weight> _all = [];

    public IReadOnlyList<Weight> All => _all;

    /// <summary>The weight of a layer as a node of the region: the whole one, or the slice at the region's index.</summary>
    public Node Use(Region region, LayerInstance layer, Weight weight)
    {
        if (!_byName.ContainsKey(weight.Name))
        {
            _byName.Add(weight.Name, weight);
            _all.Add(weight);
        }
        return Stacked(region, layer.Repeats, layer.Repeats.Count, weight);
    }

    /// <summary>Sliced by the outermost <paramref name="depth"/> of its repeats.</summary>
    private static Node Stacked(Region region, EquatableArray<RepeatInstance> repeats, int depth, Weight weight)
    {
        if (region.Parent is null)
            return depth == 0 ? region.Weight(weight.Name, new Shape(weight.Counts.Concat(weight.Shape.Sizes)))
                : throw new InvalidOperationException($"{weight.Name} is used outside its repeat");
        return depth > 0 && ReferenceEquals(region.Repeat, repeats[depth - 1])
            ? region.Slice(Stacked(region.Parent, repeats, depth - 1, weight), weight.Name)
            : region.Use(Stacked(region.Parent, repeats, depth, weight));
    }
}
