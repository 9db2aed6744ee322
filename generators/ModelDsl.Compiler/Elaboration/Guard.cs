using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

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
