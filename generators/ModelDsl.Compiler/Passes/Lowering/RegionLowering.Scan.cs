using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>
/// Scans become loops. Carries stand in slots of one block: one a layer where the backward pass wants every layer's, else
/// two that take turns. The symbols Index + "Here" and "Next" are the slots that the body reads and writes, Index + "First"
/// and "Last" those of the initial and the final value.
/// </summary>
internal sealed partial class RegionLowering
{
    private void LowerScan(Node node)
    {
        var body = node.Regions[0];
        var count = node.Attributes.Get<Polynomial>("count");
        bool reverse = node.Attributes.Get("reverse", false);
        int carries = node.Attributes.Int("carries"), slices = node.Attributes.Int("slices");
        var parameters = body.Nodes.Where(n => n.IsParameter()).ToArray();
        string index = _program.Unique("layer", "");
        var (here, next, first, last) = (Symbol("Here"), Symbol("Next"), Symbol("First"), Symbol("Last"));
        Polynomial Symbol(string name) => Polynomial.Symbol(index + name);

        // A carry that is itself stacked keeps every layer's value; the stack is its slots.
        int StackOf(int carry) => Enumerable.Range(carries, body.Results.Count - carries)
            .Where(y => body.Results[y].Node == parameters[carry]).DefaultIfEmpty(-1).First();
        bool keeps = Enumerable.Range(0, carries).Any(c => StackOf(c) >= 0);

        var views = new Dictionary<Node, View>();
        var targets = new Destination[body.Results.Count];
        for (int c = 0; c < carries; c++)
        {
            var shape = parameters[c].Shape;
            var slots = View.Whole(_program.AddStorage(Naming.Of(node.Inputs[c]) + "Carry", DType.F32,
                new Shape(new[] { keeps ? count + 1 : 2 }.Concat(shape.Sizes))));
            Initialise(node.Inputs[c], slots.At(first));
            views[parameters[c]] = slots.At(here);
            targets[c] = new Destination(slots.At(next), Accumulation.Overwrite);
            _values[(node, c)] = slots.At(last);
            if (_destinations.TryGetValue((node, c), out var final)) _finalCarries.Add((slots.At(last), final));
            if (StackOf(c) is var y && y >= 0) _values[(node, y)] = slots.Slice(0, reverse ? 1 : 0, count);
        }
        for (int s = carries; s < parameters.Length; s++)
            views[parameters[s]] = s < carries + slices ? ViewOf(node.Inputs[s]).At(Polynomial.Symbol(index)) : ViewOf(node.Inputs[s]);
        var results = new Graph[] { body };
        for (int y = carries; y < body.Results.Count; y++)
        {
            if (_values.ContainsKey((node, y)))
            {
                targets[y] = new Destination(views[body.Results[y].Node], Accumulation.Overwrite);
                continue;
            }
            var to = DestinationOf(node, y);
            targets[y] = to with { View = to.View.At(Polynomial.Symbol(index)) };
        }
        var instructions = Lower(_program, body, views, targets, index);
        _instructions.Add(new LoopInstruction(index, count, reverse, keeps, instructions, $"{Naming.Of(node)}: layers"));
        foreach (var (from, to) in _finalCarries) Copy(from, to, "the last layer's result to its place");
        _finalCarries.Clear();
    }

    private readonly List<(View, Destination)> _finalCarries = [];

    /// <summary>The initial carry is made in its slot where nothing else reads it or the slot stays as it is.</summary>
    private void Initialise(Node initial, View slot)
    {
        if (ViewOf(initial).Equals(slot)) return;
        Copy(ViewOf(initial), new Destination(slot, Accumulation.Overwrite), $"{Naming.Of(initial)} into the first layer");
    }
}
