using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Lowering;

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

    private bool Accumulates(Node root) => root.IsFusible() || root.Operation is MatMul or Scan || _program.Rules.For(root.Operation)?.Accumulates == true;

    /// <summary>Parts of a concatenation are made in their part of it, the last one first so that nested ones follow.</summary>
    private void PlaceConcatenations()
    {
        foreach (var node in _program.Rules.Live(_graph).Where(n => n.Is<Concat>()).Reverse())
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

    /// <summary>What a state keeps of every position is made in its place in the state.</summary>
    private void PlaceStates()
    {
        foreach (var node in _program.Rules.Live(_graph))
            foreach (var spec in node.Operation.States(node).Where(s => s.Appended >= 0))
                TryPlace(node.Inputs[spec.Appended], new Destination(NewRows(node, spec), Accumulation.Overwrite));
    }

    /// <summary>What a state holds of the node's layer: [B, Room, ...], or [B, ...] where it is fixed.</summary>
    private View StateOf(Node node, StateSpec spec) =>
        View.Whole(_program.State($"{node.Attributes.Get<string>("state")}.{spec.Role}").Buffer).At(ScalarOf(node.Inputs[node.Inputs.Count - 1]).ToSize());

    /// <summary>The part of it for the new tokens: [B, T, ...].</summary>
    private View NewRows(Node node, StateSpec spec) =>
        StateOf(node, spec).Slice(1, ScalarOf(node.Inputs[node.Inputs.Count - 2]).ToSize(), node.Inputs[spec.Appended].Shape[1]);

    private void LowerConcat(Node node)
    {
        var whole = _values[(node, 0)];
        var start = Polynomial.Zero;
        foreach (var part in node.Inputs)
        {
            var to = whole.Slice(Axis(node), start, part.Shape[Axis(node)]);
            if (!ViewOf(part).Equals(to)) Copy(ViewOf(part), new Destination(to, Accumulation.Overwrite));
            start += part.Shape[Axis(node)];
        }
    }

    private void LowerPad(Node node)
    {
        var whole = DestinationOf(node).View;
        int axis = Axis(node);
        var (before, length, after) = (node.Attributes.SizeOf("before"), node.Inputs[0].Shape[axis], node.Attributes.SizeOf("after"));
        Copy(ViewOf(node.Inputs[0]), new Destination(whole.Slice(axis, before, length), Accumulation.Overwrite));
        foreach (var (start, count) in new[] { (Polynomial.Zero, before), (before + length, after) })
        {
            if (count.IsZero) continue;
            Fill(whole.Slice(axis, start, count), new HostConstant(0, DType.F32));
        }
    }
}
