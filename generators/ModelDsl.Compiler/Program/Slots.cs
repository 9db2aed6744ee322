using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// The part of a view's offset that loops decide: which layer's piece of a stacked buffer it is, or which slot of what goes from
/// layer to layer. A method takes a pointer to each such piece once, under a name of its own.
/// </summary>
/// <param name="Offset">The terms of the view's offset in the loops' symbols.</param>
/// <param name="Suffix">
/// For its name: "" for this layer's piece, "Next" for what it leaves to the next layer, "First" and "Last" around the loop. In
/// a loop that runs backwards the layer reads the gradient of its own result, which is "Next", and leaves that of its input.
/// </param>
public sealed record Slot(TensorBuffer Buffer, Polynomial Offset, string Suffix)
{
    /// <param name="loops">The loops of the entry.</param>
    public static Slot Of(View view, IReadOnlyList<LoopStep> loops)
    {
        string suffix = "";
        var offset = Polynomial.Zero;
        foreach (var term in view.Offset.Terms)
        {
            var symbols = term.Monomial.Factors.OfType<Symbol>().Select(s => s.Name).ToList();
            foreach (var loop in loops)
                foreach (var (symbol, forward, backward) in new[]
                {
                    (LoopStep.Here(loop.Index), "", "Next"), (LoopStep.Next(loop.Index), "Next", ""),
                    (LoopStep.First(loop.Index), "First", "Last"), (LoopStep.Last(loop.Index), "Last", "First"), (loop.Index, "", ""),
                })
                {
                    if (!symbols.Contains(symbol)) continue;
                    offset += Polynomial.Of(term);
                    suffix = loop.Reverse ? backward : forward;
                    goto next;
                }
        next:;
        }
        return new Slot(view.Buffer, offset, suffix);
    }
}
