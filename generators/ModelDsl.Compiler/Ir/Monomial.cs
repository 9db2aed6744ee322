using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

/// <summary>What a monomial is a product of.</summary>
public abstract record Factor
{
    /// <summary>See <see cref="Polynomial.Length"/>.</summary>
    internal abstract int Length { get; }
}

public sealed record Symbol(string Name) : Factor
{
    internal override int Length => 1;
    public override string ToString() => Name;
}

/// <summary>Numerator / Denominator, known to be whole.</summary>
public sealed record Quotient(Polynomial Numerator, Polynomial Denominator) : Factor
{
    internal override int Length => Numerator.Length + Denominator.Length;

    public override string ToString() => $"({Wrap(Numerator)} / {Wrap(Denominator)})";

    private static string Wrap(Polynomial p) => p.Terms.Count > 1 || p.Terms.Count == 1 && p.ToString().Contains('*') ? $"({p})" : p.ToString();
}

/// <summary>A product of factors, sorted, with repetition for powers.</summary>
public sealed class Monomial : IEquatable<Monomial>
{
    public static readonly Monomial Unit = new([]);
    private readonly string _text;

    public Monomial(IEnumerable<Factor> factors)
    {
        Factors = factors.OrderBy(f => f.ToString(), StringComparer.Ordinal).ToArray();
        _text = string.Join(" * ", Factors);
        Length = Factors.Sum(f => f.Length);
    }

    public IReadOnlyList<Factor> Factors { get; }

    /// <summary>See <see cref="Polynomial.Length"/>.</summary>
    internal int Length { get; }

    /// <summary>This divided by another, or null where that leaves a fraction.</summary>
    public Monomial? Without(Monomial other)
    {
        var rest = Factors.ToList();
        foreach (var factor in other.Factors)
            if (!rest.Remove(factor)) return null;
        return new Monomial(rest);
    }

    public bool Equals(Monomial? other) => other is not null && _text == other._text;
    public override bool Equals(object? obj) => obj is Monomial other && Equals(other);
    public override int GetHashCode() => _text.GetHashCode();
    public override string ToString() => _text;
}

/// <summary>A coefficient times a monomial.</summary>
public sealed record Term(long Coefficient, Monomial Monomial)
{
    public override string ToString() =>
        Monomial.Factors.Count == 0 ? Coefficient.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Coefficient == 1 ? Monomial.ToString()
        : Coefficient == -1 ? "-" + Monomial
        : $"{Coefficient} * {Monomial}";
}
