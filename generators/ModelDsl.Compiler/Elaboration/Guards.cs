using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>
/// What must hold of the hyperparameters and cannot be proven for all of them: checked at build for the defaults and the
/// presets, and by the emitted constructor for the rest.
/// </summary>
public abstract record Guard
{
    /// <summary>C# in the hyperparameters' names.</summary>
    public abstract string Condition { get; }

    /// <summary>In words: "Width must be a multiple of Heads".</summary>
    public abstract string Message { get; }

    public abstract bool Holds(IReadOnlyDictionary<string, long> symbols);

    /// <summary>The polynomials it speaks of.</summary>
    public abstract EquatableArray<Polynomial> Terms { get; }
}

/// <summary>Whole = Part times something.</summary>
public sealed record Divides(Polynomial Part, Polynomial Whole) : Guard
{
    public override string Condition => $"{Parenthesise(Whole)} % {Parenthesise(Part)} == 0";
    public override string Message => $"{Whole} must be a multiple of {Part}";
    public override EquatableArray<Polynomial> Terms => new[] { Whole, Part };

    public override bool Holds(IReadOnlyDictionary<string, long> symbols) =>
        Part.Evaluate(symbols) is var part && part != 0 && Whole.Evaluate(symbols) % part == 0;

    private static string Parenthesise(Polynomial p) => p.Terms.Count == 1 && p.Terms[0].Monomial.Factors.Count <= 1 ? p.ToString() : $"({p})";
}

/// <summary>Value is Minimum at least.</summary>
public sealed record AtLeast(Polynomial Value, long Minimum) : Guard
{
    public override string Condition => $"{Value} >= {Minimum}";
    public override string Message => $"{Value} must be {Minimum} or more";
    public override EquatableArray<Polynomial> Terms => new[] { Value };

    public override bool Holds(IReadOnlyDictionary<string, long> symbols) => Value.Evaluate(symbols) >= Minimum;
}

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

/// <summary>Holds the guards against the defaults and every preset, so that what is wrong already is seen at build.</summary>
internal static class ConfigurationCheck
{
    public static IEnumerable<CompileDiagnostic> Run(Context context)
    {
        foreach (var (guard, place) in context.Obligations.All)
            if (context.Configurations.Where(c => IsKnown(guard, c)).Select(c => Check(guard, place, c)).FirstOrDefault(d => d is not null) is { } broken)
                yield return broken;
    }

    /// <summary>Null where the guard holds.</summary>
    private static CompileDiagnostic? Check(Guard guard, Place place, Configuration configuration)
    {
        try
        {
            if (guard.Holds(configuration.Sizes)) return null;
            return guard switch
            {
                Divides divides => Find(Catalogue.NotDivisible, place, Say(divides.Whole, configuration), Say(divides.Part, configuration), configuration.Name),
                AtLeast least => Find(Catalogue.TooSmall, place, Say(least.Value, configuration), $"{least.Minimum}", configuration.Name),
                _ => throw new ArgumentException(guard.Message),
            };
        }
        catch (Exception e) when (e is ShapeException or DivideByZeroException)
        {
            return null; // a guard on a quotient comes after the quotient's own, so a division by zero has been reported already
        }
        catch (SizeException e)
        {
            return Find(Catalogue.SizeTooLarge, place, $"{e.Message} in {configuration.Name}");
        }
    }

    private static CompileDiagnostic Find(CatalogueEntry entry, Place place, params string[] arguments) =>
        new(entry.Id, place.Record, place.Anchor, arguments);

    private static bool IsKnown(Guard guard, Configuration configuration) =>
        guard.Terms.SelectMany(t => t.Symbols()).All(configuration.Sizes.ContainsKey);

    /// <summary>"Width = 768"; a number alone where it is one.</summary>
    private static string Say(Polynomial size, Configuration configuration) =>
        size.IsConstant ? $"{size}" : $"{size} = {size.Evaluate(configuration.Sizes)}";
}
