using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// Sizes and host expressions as C#. Common parts of sizes, B * T and quotients such as Width / Heads, are locals of the method:
/// <see cref="Declarations"/> gives those that were asked for.
/// </summary>
internal sealed class Expressions(Identifiers identifiers, Locals locals)
{
    private readonly SortedDictionary<string, string> _declared = new(System.StringComparer.Ordinal);
    private readonly Dictionary<Factor, string> _quotients = [];

    /// <summary>"int BT = B * T;" and the like.</summary>
    public IEnumerable<string> Declarations => _declared.Select(d => $"int {d.Key} = {d.Value};");

    /// <summary>An int expression.</summary>
    public string Int(Polynomial size)
    {
        if (size.IsZero) return "0";
        string text = "";
        foreach (var term in size.Terms)
        {
            long magnitude = System.Math.Abs(term.Coefficient);
            var factors = Factors(term.Monomial);
            string one = factors.Count == 0 ? Number(magnitude) : (magnitude == 1 ? "" : Number(magnitude) + " * ") + string.Join(" * ", factors);
            text += Sign(text, term) + one;
        }
        return text;
    }

    /// <summary>A long expression: every product is widened before it is multiplied.</summary>
    public string Long(Polynomial size)
    {
        if (size.IsConstant) return Number(size.Value);
        string text = "";
        foreach (var term in size.Terms)
        {
            long magnitude = System.Math.Abs(term.Coefficient);
            var factors = Factors(term.Monomial);
            string one = factors.Count == 0 ? Number(magnitude)
                : magnitude == 1 ? (factors.Count > 1 ? "(long)" : "") + string.Join(" * ", factors)
                : $"{Number(magnitude)}L * {string.Join(" * ", factors)}";
            text += Sign(text, term) + one;
        }
        return text;
    }

    /// <summary>For comments: as Int, whatever locals it takes.</summary>
    public string Shape(Shape shape) => $"[{string.Join(", ", shape.Sizes.Select(s => s.Equals(Polynomial.Symbol("B") * Polynomial.Symbol("T")) ? "B * T" : Int(s)))}]";

    public string Host(HostExpression expression) => expression switch
    {
        HostConstant { Type: DType.Bool } constant => constant.Value != 0 ? "true" : "false",
        HostConstant { Type: DType.F32 } constant => Literal((float)constant.Value),
        HostConstant constant => Number((long)constant.Value),
        HostSymbol symbol => identifiers.Of(symbol.Name),
        HostSize size => Int(size.Value),
        HostApply { Operation: Cast } cast => CastText(cast),
        HostApply apply => string.Format(CultureInfo.InvariantCulture, ScalarOperations.Of(apply.Operation).Scalar, apply.Arguments.Select(a => (object)Nested(Host(a))).ToArray()),
        _ => throw new System.InvalidOperationException(expression.ToString()),
    };

    /// <summary>For comments: without casts and suffixes.</summary>
    public string Words(HostExpression expression) => expression switch
    {
        HostConstant constant => constant.Value.ToString("G6", CultureInfo.InvariantCulture),
        HostApply { Operation: Cast } cast => Words(cast.Arguments[0]),
        HostApply apply => $"{apply.Operation.Name}({string.Join(", ", apply.Arguments.Select(Words))})",
        _ => Nested(Host(expression)),
    };

    /// <summary>Whether an expression is 0, 1 or another literal.</summary>
    public static bool IsConstant(HostExpression expression, double value) => expression is HostConstant constant && constant.Value == value;

    private string CastText(HostApply cast)
    {
        var (argument, from) = (Host(cast.Arguments[0]), cast.Arguments[0].Type);
        if (from == cast.Type) return argument;
        if (from == DType.Bool) return $"({argument} ? {(cast.Type == DType.F32 ? "1f : 0f" : "1 : 0")})";
        return cast.Type switch { DType.F32 => $"(float){Nested(argument)}", DType.I32 => $"(int){Nested(argument)}", _ => $"({argument} != 0)" };
    }

    /// <summary>The shortest float literal that reads back as the same float.</summary>
    public static string Literal(float value)
    {
        if (float.IsPositiveInfinity(value)) return "float.PositiveInfinity";
        if (float.IsNegativeInfinity(value)) return "float.NegativeInfinity";
        if (float.IsNaN(value)) return "float.NaN";
        return Shortest(value) + "f";
    }

    /// <summary>The shortest decimal digits of a float.</summary>
    public static string Shortest(float value)
    {
        for (int digits = 1; digits < 9; digits++)
        {
            string text = value.ToString("G" + digits, CultureInfo.InvariantCulture);
            if (float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) == value) return text;
        }
        return value.ToString("G9", CultureInfo.InvariantCulture);
    }

    /// <summary>As an operand of another expression.</summary>
    public static string Nested(string text) => text.Contains(' ') && !IsCall(text) || text[0] == '-' ? $"({text})" : text;

    /// <summary>Whether the text is a single call or a text in parentheses.</summary>
    private static bool IsCall(string text)
    {
        int open = text.IndexOf('(');
        if (open < 0 || text.Substring(0, open).Contains(' ')) return false;
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return i == text.Length - 1;
        }
        return false;
    }

    private List<string> Factors(Monomial monomial)
    {
        var factors = monomial.Factors.ToList();
        var texts = new List<string>();
        Symbol b = new("B"), t = new("T");
        while (factors.Contains(b) && factors.Contains(t))
        {
            factors.Remove(b);
            factors.Remove(t);
            _declared["BT"] = "B * T";
            texts.Add("BT");
        }
        texts.AddRange(factors.Select(f => f is Symbol symbol ? identifiers.Of(symbol.Name) : Quotient((Quotient)f)));
        return texts;
    }

    private string Quotient(Quotient quotient)
    {
        if (_quotients.TryGetValue(quotient, out var known)) return known;
        string numerator = Int(quotient.Numerator), denominator = Int(quotient.Denominator);
        string name = _quotients[quotient] = locals.Take(QuotientName(quotient));
        _declared[name] = $"{Nested(numerator)} / {Nested(denominator)}";
        return name;
    }

    /// <summary>Width / Heads is HeadSize, Width / Groups WidthPerGroup.</summary>
    private static string QuotientName(Quotient quotient)
    {
        string denominator = quotient.Denominator.ToString();
        if (denominator is "Heads" or "HeadCount" or "NumHeads") return "HeadSize";
        if (quotient.Denominator.IsConstant && quotient.Denominator.Value == 2) return "Half" + Word(quotient.Numerator);
        return $"{Word(quotient.Numerator)}Per{(denominator.EndsWith("s") ? Word(quotient.Denominator).TrimEnd('s') : Word(quotient.Denominator))}";
    }

    private static string Word(Polynomial size)
    {
        string word = string.Concat(size.Terms.SelectMany(t => t.Monomial.Factors).SelectMany(f => f is Symbol s ? [s.Name] : ((Quotient)f).Numerator.Symbols()).Where(s => s.All(char.IsLetterOrDigit)));
        return word.Length is 0 or > 24 ? "Size" : char.ToUpperInvariant(word[0]) + word.Substring(1);
    }

    private static string Sign(string text, Term term) => text.Length == 0 ? (term.Coefficient < 0 ? "-" : "") : term.Coefficient < 0 ? " - " : " + ";
    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
