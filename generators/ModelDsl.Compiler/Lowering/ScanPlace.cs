using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// The memory of a scan's carries: slots of one block, one a layer where every layer's carry is stacked too, else two that
/// take turns. The symbols of the loop say which: see <see cref="LoopStep"/>.
/// </summary>
internal sealed class ScanPlace
{
    public ScanPlace(Node scan, ProgramBuilder program)
    {
        Body = scan.Regions[0];
        Parameters = Body.Nodes.Where(n => n.IsParameter()).ToArray();
        Count = scan.Attributes.Get<Polynomial>("count");
        Reverse = scan.Attributes.Get("reverse", false);
        Carries = scan.Attributes.Int("carries");
        Slices = scan.Attributes.Int("slices");
        Index = program.Symbol("layer");
        Keeps = Enumerable.Range(0, Carries).Any(c => StackOf(c) >= 0);
        Slots = Enumerable.Range(0, Carries).Select(c => View.Whole(program.AddScratch(
            BufferNames.OfCarry(Body, scan, c), Parameters[c].DType, new Shape(new[] { Keeps ? Count + 1 : 2 }.Concat(Parameters[c].Shape.Sizes))))).ToArray();
    }

    public Graph Body { get; }
    public IReadOnlyList<Node> Parameters { get; }
    public Polynomial Count { get; }
    public bool Reverse { get; }
    public int Carries { get; }
    public int Slices { get; }
    public string Index { get; }

    /// <summary>Whether each layer's carry keeps a slot of its own.</summary>
    public bool Keeps { get; }

    public IReadOnlyList<View> Slots { get; }

    public View Slot(int carry, Func<string, string> which) => Slots[carry].At(Polynomial.Symbol(which(Index)));

    /// <summary>The stacked result that is just a carry as each layer received it; -1 where there is none.</summary>
    public int StackOf(int carry) => Enumerable.Range(Carries, Body.Results.Count - Carries)
        .Where(y => Body.Results[y].Node == Parameters[carry]).DefaultIfEmpty(-1).First();

    /// <summary>That stack: the slots that the layers read, which are a place further on where the loop runs backwards.</summary>
    public View Stack(int carry) => Slots[carry].Slice(0, Reverse ? 1 : 0, Count);
}
