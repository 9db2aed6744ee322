using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>Scans become loops.</summary>
internal sealed partial class RegionLowering
{
    private readonly Dictionary<Node, ScanPlace> _scans = [];

    /// <summary>An initial carry is made in its slot where the slot keeps it or nothing else reads it.</summary>
    private void PlaceScans()
    {
        foreach (var node in _program.Rules.Live(_graph).Where(n => n.Is<Scan>()))
        {
            var place = _scans[node] = new ScanPlace(node, _program);
            for (int c = 0; c < place.Carries; c++)
                if (place.Keeps || IsOnlyReader(node.Inputs[c]))
                    TryPlace(node.Inputs[c], new Destination(place.Slot(c, LoopStep.First), Accumulation.Overwrite));
        }
    }

    private void LowerScan(Node node)
    {
        var place = _scans[node];
        var body = place.Body;
        var layer = Polynomial.Symbol(place.Index);
        var views = new Dictionary<Node, View>();
        var targets = new Destination[body.Results.Count];
        for (int c = 0; c < place.Carries; c++)
        {
            var initial = ViewOf(node.Inputs[c]);
            if (!initial.Equals(place.Slot(c, LoopStep.First)))
                Copy(initial, new Destination(place.Slot(c, LoopStep.First), Accumulation.Overwrite));
            views[place.Parameters[c]] = place.Slot(c, LoopStep.Here);
            targets[c] = new Destination(place.Slot(c, LoopStep.Next), Accumulation.Overwrite);
            _values[(node, c)] = place.Slot(c, LoopStep.Last);
            if (place.StackOf(c) is var stack && stack >= 0) _values[(node, stack)] = place.Stack(c);
        }
        var scalars = new Dictionary<Node, HostExpression>();
        for (int s = place.Carries; s < place.Parameters.Count; s++)
            if (node.Inputs[s].IsHostScalar()) scalars[place.Parameters[s]] = ScalarOf(node.Inputs[s]);
            else views[place.Parameters[s]] = s < place.Carries + place.Slices ? ViewOf(node.Inputs[s]).At(layer) : ViewOf(node.Inputs[s]);
        for (int y = place.Carries; y < body.Results.Count; y++)
        {
            // A stack that is the carries' own slots is filled already.
            if (_values.ContainsKey((node, y))) targets[y] = new Destination(views[body.Results[y].Node], Accumulation.Overwrite);
            else
            {
                var to = DestinationOf(node, y);
                targets[y] = to with { View = to.View.At(layer) };
            }
        }
        var steps = Lower(_program, body, views, scalars, targets, place.Index);
        _steps.Add(new LoopStep(place.Index, place.Count, place.Reverse, place.Keeps, steps.ToEquatableArray(), BufferNames.OfLoop(node)));
        for (int c = 0; c < place.Carries; c++)
            if (_destinations.TryGetValue((node, c), out var final)) Copy(place.Slot(c, LoopStep.Last), final);
        foreach (int y in Enumerable.Range(place.Carries, body.Results.Count - place.Carries))
            if (_destinations.TryGetValue((node, y), out var to) && !_values[(node, y)].Equals(to.View)) Copy(_values[(node, y)], to);
    }
}
