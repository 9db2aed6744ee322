using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

/// <summary>
/// A size: a polynomial with integer coefficients over symbols (B, T, hyperparameters) and exact quotients.
/// Normal form: monomials in a fixed order, none zero; equality is equality of functions up to what the quotients hide.
/// </summary>
/// <remarks>
/// A quotient a / b stands for a number known to be whole: whoever makes one owes a check that b divides a.
/// b * (a / b) is a again where b is a single term, and fractions are in lowest terms.
/// What is too long to work with, or has a coefficient beyond 63 bits, is a <see cref="SizeException"/> of whichever
/// operation makes it: no chain of operations takes more than a moment.
/// </remarks>
public sealed class Polynomial : IEquatable<Polynomial>
{
    /// <summary>Coefficients, symbols and quotients of the longest size: the product of six sums of five has 1,470.</summary>
    private const int LargestLength = 2_000;

    private readonly Term[] _terms;
    private readonly int _hash;

    private Polynomial(Term[] terms)
    {
        _terms = terms;
        foreach (var term in terms)
        {
            _hash = unchecked(_hash * 31 + term.GetHashCode());
            Length += 1 + term.Monomial.Length;
        }
        if (Length > LargestLength) throw TooLong();
    }

    /// <summary>How many coefficients, symbols and quotients it is written with.</summary>
    internal int Length { get; }

    public static readonly Polynomial Zero = new([]);
    public static readonly Polynomial One = Constant(1);

    public static Polynomial Constant(long value) => value == 0 ? Zero : new([new Term(value, Monomial.Unit)]);
    public static Polynomial Symbol(string name) => new([new Term(1, new Monomial([new Symbol(name)]))]);

    /// <summary>A single term.</summary>
    public static Polynomial Of(Term term) => new([term]);

    public static implicit operator Polynomial(long value) => Constant(value);

    public IReadOnlyList<Term> Terms => _terms;
    public bool IsConstant => _terms.Length == 0 || _terms.Length == 1 && _terms[0].Monomial.Factors.Count == 0;
    public bool IsOne => Equals(One);
    public bool IsZero => _terms.Length == 0;

    /// <exception cref="InvalidOperationException">It is no constant.</exception>
    public long Value => _terms.Length == 0 ? 0 : IsConstant ? _terms[0].Coefficient : throw new InvalidOperationException($"{this} is not a constant");

    public static Polynomial operator +(Polynomial a, Polynomial b) => Normalise(a._terms.Concat(b._terms));
    public static Polynomial operator -(Polynomial a) => new(a._terms.Select(t => new Term(Times(-1, t.Coefficient), t.Monomial)).ToArray());
    public static Polynomial operator -(Polynomial a, Polynomial b) => a + -b;

    public static Polynomial operator *(Polynomial a, Polynomial b)
    {
        if (a.IsOne) return b;
        if (b.IsOne) return a;
        if ((long)a.Length * b.Length > LargestLength * 10L) throw TooLong();
        var terms = new List<Term>();
        foreach (var x in a._terms)
            foreach (var y in b._terms)
                terms.AddRange(Multiply(Times(x.Coefficient, y.Coefficient), x.Monomial.Factors.Concat(y.Monomial.Factors))._terms);
        return Normalise(terms);
    }

    /// <summary>a / b where it is exact as polynomials, a quotient otherwise.</summary>
    /// <exception cref="ShapeException">b is zero.</exception>
    public static Polynomial operator /(Polynomial a, Polynomial b) => a.TryDivide(b) ?? Quotient(a, b);

    /// <summary>a / b where every term of a is a multiple of the single term b; null where that cannot be seen.</summary>
    public Polynomial? TryDivide(Polynomial b)
    {
        if (b.IsZero) throw new ShapeException($"{this} cannot be divided by 0");
        if (IsZero || b.IsOne) return this;
        if (Equals(b)) return One;
        if (b._terms.Length != 1) return null;
        var divided = new List<Term>();
        foreach (var term in _terms)
        {
            if (term.Coefficient % b._terms[0].Coefficient != 0) return null;
            var rest = term.Monomial.Without(b._terms[0].Monomial);
            if (rest is null) return null;
            divided.Add(new Term(term.Coefficient / b._terms[0].Coefficient, rest));
        }
        return Normalise(divided);
    }

    /// <summary>The terms that the single term b divides, divided by it, and the other terms.</summary>
    public (Polynomial Quotient, Polynomial Others) DivideTerms(Polynomial b)
    {
        var (quotient, others) = (Zero, Zero);
        foreach (var term in _terms)
        {
            var part = new Polynomial([term]);
            if (part.TryDivide(b) is { } divided) quotient += divided;
            else others += part;
        }
        return (quotient, others);
    }

    /// <summary>The quotients inside, innermost first: what must be whole for this to be a size.</summary>
    public IEnumerable<Quotient> Quotients() =>
        _terms.SelectMany(t => t.Monomial.Factors).OfType<Quotient>()
            .SelectMany(q => q.Numerator.Quotients().Concat(q.Denominator.Quotients()).Append(q)).Distinct();

    public IEnumerable<string> Symbols() =>
        _terms.SelectMany(t => t.Monomial.Factors).SelectMany(f => f switch
        {
            Symbol s => [s.Name],
            Quotient q => q.Numerator.Symbols().Concat(q.Denominator.Symbols()),
            _ => Enumerable.Empty<string>(),
        }).Distinct();

    /// <summary>Its value where the symbols have these.</summary>
    /// <exception cref="KeyNotFoundException">A symbol has none.</exception>
    /// <exception cref="SizeException">It is beyond 63 bits.</exception>
    public long Evaluate(IReadOnlyDictionary<string, long> symbols) =>
        _terms.Aggregate(0L, (sum, t) => Plus(sum, t.Monomial.Factors.Aggregate(t.Coefficient, (product, factor) => Times(product, factor switch
        {
            Symbol s => symbols[s.Name],
            Quotient q => q.Numerator.Evaluate(symbols) / q.Denominator.Evaluate(symbols),
            _ => throw new InvalidOperationException(),
        }))));

    /// <summary>This with another polynomial in the place of a symbol.</summary>
    public Polynomial Substitute(string symbol, Polynomial value) =>
        _terms.Aggregate(Zero, (sum, t) => sum + t.Monomial.Factors.Aggregate(Constant(t.Coefficient), (product, factor) => product * factor switch
        {
            Symbol s => s.Name == symbol ? value : Symbol(s.Name),
            Quotient q => q.Numerator.Substitute(symbol, value) / q.Denominator.Substitute(symbol, value),
            _ => throw new InvalidOperationException(),
        }));

    public bool Equals(Polynomial? other) => other is not null && (ReferenceEquals(this, other) || _hash == other._hash && _terms.SequenceEqual(other._terms));
    public override bool Equals(object? obj) => obj is Polynomial other && Equals(other);
    public override int GetHashCode() => _hash;

    /// <summary>C# in the symbols' names: "4 * Width + 1".</summary>
    public override string ToString()
    {
        if (IsZero) return "0";
        string text = "";
        foreach (var term in _terms)
        {
            string one = term.ToString();
            text += text.Length == 0 ? one : one[0] == '-' ? " - " + one.Substring(1) : " + " + one;
        }
        return text;
    }

    /// <summary>a / b as a fraction in lowest terms: no fraction inside a single term, no factor common to all terms.</summary>
    private static Polynomial Quotient(Polynomial a, Polynomial b)
    {
        if (a._terms.Length == 1 && a._terms[0].Monomial.Factors.OfType<Quotient>().FirstOrDefault() is { } inner)
        {
            var rest = new Polynomial([a._terms[0] with { Monomial = a._terms[0].Monomial.Without(new Monomial([inner]))! }]);
            return rest * inner.Numerator / (inner.Denominator * b);
        }
        var common = Common(a._terms.Concat(b._terms).ToArray());
        if (!common.IsOne) return a.TryDivide(common)! / b.TryDivide(common)!;
        return new([new Term(1, new Monomial([new Quotient(a, b)]))]);
    }

    /// <summary>The largest single term that divides all of these.</summary>
    private static Polynomial Common(Term[] terms)
    {
        long coefficient = terms.Aggregate(0L, (gcd, term) => Gcd(gcd, term.Coefficient));
        var factors = terms[0].Monomial.Factors.ToList();
        foreach (var term in terms.Skip(1))
        {
            var left = term.Monomial.Factors.ToList();
            factors = factors.Where(left.Remove).ToList();
        }
        return new Polynomial([new Term(coefficient, new Monomial(factors))]);
    }

    private static long Gcd(long a, long b) => b == 0 ? Math.Abs(a) : Gcd(b, a % b);

    private static Polynomial Multiply(long coefficient, IEnumerable<Factor> factors)
    {
        var list = factors.ToList();
        foreach (var quotient in list.OfType<Quotient>())
        {
            if (quotient.Denominator._terms.Length != 1) continue;
            var others = new List<Factor>(list);
            others.Remove(quotient);
            var product = new Term(coefficient, new Monomial(others));
            var common = Common([product, quotient.Denominator._terms[0]]);
            if (common.IsOne) continue;
            return new Polynomial([product]).TryDivide(common)! * (quotient.Numerator / quotient.Denominator.TryDivide(common)!);
        }
        return new Polynomial([new Term(coefficient, new Monomial(list))]);
    }

    private static Polynomial Normalise(IEnumerable<Term> terms)
    {
        var groups = terms.GroupBy(t => t.Monomial).Select(g => new Term(g.Aggregate(0L, (sum, t) => Plus(sum, t.Coefficient)), g.Key)).Where(t => t.Coefficient != 0).ToArray();

        // Halves that add up to wholes: 2 * (a / 2) is a.
        if (!groups.All(IsReduced)) return Normalise(groups.SelectMany(t => Multiply(t.Coefficient, t.Monomial.Factors)._terms));
        return new(groups.OrderByDescending(t => t.Monomial.Factors.Count).ThenBy(t => t.Monomial.ToString(), StringComparer.Ordinal).ToArray());
    }

    private static long Times(long a, long b)
    {
        try
        {
            return checked(a * b);
        }
        catch (OverflowException)
        {
            throw new SizeException($"{a} * {b} is beyond 63 bits");
        }
    }

    private static long Plus(long a, long b)
    {
        try
        {
            return checked(a + b);
        }
        catch (OverflowException)
        {
            throw new SizeException($"{a} + {b} is beyond 63 bits");
        }
    }

    private static SizeException TooLong() => new($"it has more than {LargestLength} terms and factors");

    private static bool IsReduced(Term term) => !term.Monomial.Factors.OfType<Quotient>().Any()
        || Multiply(term.Coefficient, term.Monomial.Factors)._terms is { Length: 1 } terms && terms[0].Equals(term);
}

/// <summary>A size that is out of range; the message says why, "it has more than ...".</summary>
public sealed class SizeException(string message) : Exception(message);
