using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>Polynomials as C# over int fields and locals of the symbols' names.</summary>
internal static class Sizes
{
    /// <summary>An int expression.</summary>
    public static string Int(Polynomial size) => size.ToString();

    /// <summary>A long expression: every product is widened before it is multiplied.</summary>
    public static string Long(Polynomial size)
    {
        if (size.IsConstant) return size.Value.ToString(CultureInfo.InvariantCulture);
        string text = "";
        foreach (var term in size.Terms)
        {
            long magnitude = System.Math.Abs(term.Coefficient);
            string factors = string.Join(" * ", term.Monomial.Factors.Select((f, i) => i == 0 && magnitude == 1 && term.Monomial.Factors.Count > 1 ? "(long)" + f : f.ToString()));
            string one = factors.Length == 0 ? magnitude.ToString(CultureInfo.InvariantCulture) : magnitude == 1 ? factors : $"{magnitude}L * {factors}";
            text += text.Length == 0 ? (term.Coefficient < 0 ? "-" : "") + one : (term.Coefficient < 0 ? " - " : " + ") + one;
        }
        return text;
    }

    /// <summary>As part of a larger expression.</summary>
    public static string Nested(string text) => text.Contains(" + ") || text.Contains(" - ") ? $"({text})" : text;
}
