using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>Destinations: values whose place is known before they are made, so that they are made there.</summary>
internal sealed partial class RegionLowering
{
    /// <summary>Gives results their targets; returns those that must be copied there in the end.</summary>
    private List<(Node, Destination)> PlaceResults(IReadOnlyList<Destination> targets)
    {
        var copies = new List<(Node, Destination)>();
        for (int i = 0; i < targets.Count; i++)
            if (!TryPlace(_graph.Results[i].Node, targets[i])) copies.Add((_graph.Results[i].Node, targets[i]));
        return copies;
    }

    private bool TryPlace(Node node, Destination to)
    {
        if (node.Is<Reshape>())
            return to.View.Reshape(node.Inputs[0].Shape) is { } view && (to.Mode == Accumulation.Overwrite || IsOnlyReader(node.Inputs[0]))
                && TryPlace(node.Inputs[0], to with { View = view });
        bool output = node.Is<Output>();
        if (node.IsParameter() || node.IsHostScalar() || node.IsView() && !output) return false;
        var key = output ? (node.Inputs[0], node.Attributes.Int("index")) : (node, 0);
        if (_destinations.ContainsKey(key)) return false;
        if (to.Mode != Accumulation.Overwrite && (!Accumulates(key.Item1) || AllReaders(node).Any())) return false;
        // A kernel that stores several values has one flag for all of them.
        if (!to.Alone && key.Item1.IsFusible() && !key.Item1.IsColumnReduction()) return false;
        if (node.Is<Concat>() && to.Mode != Accumulation.Overwrite) return false;
        _destinations[key] = to;
        return true;
    }

    /// <summary>A value that is one result and nothing else.</summary>
    private bool IsOnlyReader(Node node) => _readers[node].Count() <= 1;

    private static bool Accumulates(Node root) => root.IsFusible() || root.Operation is MatMul or Scan || root.Operation.Accumulates;

    /// <summary>Parts of a concatenation are made in their part of it, the last one first so that nested ones follow.</summary>
    private void PlaceConcatenations()
    {
        foreach (var node in _graph.Live().Where(n => n.Is<Concat>()).Reverse())
        {
            var whole = DestinationOf(node).View;
            var start = Polynomial.Zero;
            foreach (var part in node.Inputs)
            {
                TryPlace(part, new Destination(whole.Slice(Axis(node), start, part.Shape[Axis(node)]), Accumulation.Overwrite));
                start += part.Shape[Axis(node)];
            }
        }
    }

    /// <summary>Keys and values that are cached are made in their rows of the cache.</summary>
    private void PlaceCaches()
    {
        foreach (var node in _graph.Live().Where(n => n.Is<CachedAttention>()))
            foreach (int input in new[] { CachedAttention.Keys, CachedAttention.Values })
                TryPlace(node.Inputs[input], new Destination(NewRows(node, input), Accumulation.Overwrite));
    }

    /// <summary>What the cache holds of the layer: [B, Room, heads, width].</summary>
    private View Cached(Node attention, int input)
    {
        var cache = _program.Cache(attention.Attributes.Get<string>("cache"));
        return View.Whole(input == CachedAttention.Keys ? cache.Keys : cache.Values).At(ScalarSize(attention.Inputs[CachedAttention.Layer]));
    }

    /// <summary>The part of it for the new tokens: [B, T, heads, width].</summary>
    private View NewRows(Node attention, int input) =>
        Cached(attention, input).Slice(1, ScalarSize(attention.Inputs[CachedAttention.Start]), attention.Inputs[input].Shape[1]);

    private void LowerConcat(Node node)
    {
        var whole = _values[(node, 0)];
        var start = Polynomial.Zero;
        foreach (var part in node.Inputs)
        {
            var to = whole.Slice(Axis(node), start, part.Shape[Axis(node)]);
            if (!ViewOf(part).Equals(to)) Copy(ViewOf(part), new Destination(to, Accumulation.Overwrite), $"{Naming.Of(part)} into {Naming.Of(node)}");
            start += part.Shape[Axis(node)];
        }
    }

    private void LowerPad(Node node)
    {
        var whole = DestinationOf(node).View;
        int axis = Axis(node);
        var (before, length, after) = (node.Attributes.Get<Polynomial>("before"), node.Inputs[0].Shape[axis], node.Attributes.Get<Polynomial>("after"));
        Copy(ViewOf(node.Inputs[0]), new Destination(whole.Slice(axis, before, length), Accumulation.Overwrite), $"{Naming.Of(node)}, padded with zeros");
        foreach (var (start, count) in new[] { (Polynomial.Zero, before), (before + length, after) })
        {
            if (count.IsZero) continue;
            Fill(whole.Slice(axis, start, count), "0f", "zeros");
        }
    }
}
