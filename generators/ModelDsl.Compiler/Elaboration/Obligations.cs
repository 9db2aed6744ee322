using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>The guards that came up, each with the place that needs it first.</summary>
internal sealed class Obligations
{
    private readonly List<(Guard Guard, Place Place)> _all = [];
    private readonly HashSet<Guard> _known = [];

    public IReadOnlyList<(Guard Guard, Place Place)> All => _all;

    /// <summary>The divisions inside a size, and every hyperparameter of it being positive.</summary>
    public void Add(Polynomial size, Place place)
    {
        foreach (string symbol in size.Symbols().Where(s => !IsRunTime(s))) Add(new AtLeast(Polynomial.Symbol(symbol), 1), place);
        foreach (var quotient in size.Quotients()) Add(quotient, place);
    }

    /// <exception cref="Failure">It divides the batch or the length, which no guard of a constructor can know.</exception>
    public void Add(Quotient quotient, Place place)
    {
        var (whole, part) = (quotient.Numerator, quotient.Denominator);
        if (part.IsZero) throw Context.FailAt(Catalogue.DivisionByZero, place, $"{whole}");
        if (whole.TryDivide(part) is not null) return;
        if (whole.Symbols().Concat(part.Symbols()).Any(IsRunTime)) throw Context.FailAt(Catalogue.LengthDivided, place, $"{whole}", $"{part}");
        Add(new Divides(part, whole), place);
    }

    /// <summary>Everything that the nodes of a graph from <paramref name="first"/> on need.</summary>
    public void Add(Graph graph, int first, Place place)
    {
        foreach (var node in graph.Nodes.Skip(first))
        {
            foreach (var size in node.Types.SelectMany(t => t.Shape.Sizes)) Add(size, place);
            foreach (var size in node.Attributes.Pairs.Select(p => p.Value).OfType<Polynomial>())
                foreach (var quotient in size.Quotients()) Add(quotient, place);
            foreach (var quotient in node.Operation.Divisions(node)) Add(quotient, place);
        }
    }

    private void Add(Guard guard, Place place)
    {
        if (_known.Add(guard)) _all.Add((guard, place));
    }

    /// <summary>The batch and the length of a sequence.</summary>
    public static bool IsRunTime(string symbol) => symbol is "B" or "T";
}

/// <param name="Record">The full name of the record that the anchor belongs to.</param>
internal sealed record Place(string Record, int Anchor);
