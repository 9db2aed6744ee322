using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

/// <summary>
/// What a node knows beyond its inputs: name and value, value-equal, in a fixed order. Values are long, double, bool,
/// string, <see cref="Polynomial"/>, <see cref="Shape"/> and <see cref="EquatableArray{T}"/> of long.
/// </summary>
public sealed class Attributes : IEquatable<Attributes>
{
    public static readonly Attributes None = new([]);
    private readonly KeyValuePair<string, object>[] _pairs;

    private Attributes(KeyValuePair<string, object>[] pairs) => _pairs = pairs;

    /// <summary>This and one more; a null value leaves it out.</summary>
    public Attributes With(string name, object? value) => value is null ? this : new(
        _pairs.Where(p => p.Key != name).Append(new(name, value is int i ? (long)i : value is float f ? (double)f : value)).OrderBy(p => p.Key, StringComparer.Ordinal).ToArray());

    public IReadOnlyList<KeyValuePair<string, object>> Pairs => _pairs;
    public bool Has(string name) => _pairs.Any(p => p.Key == name);
    public T Get<T>(string name) => (T)_pairs.First(p => p.Key == name).Value;
    public T Get<T>(string name, T otherwise) => _pairs.Where(p => p.Key == name).Select(p => (T)p.Value).DefaultIfEmpty(otherwise).First();
    public int Int(string name) => (int)Get<long>(name);

    public bool Equals(Attributes? other) => other is not null && _pairs.SequenceEqual(other._pairs);
    public override bool Equals(object? obj) => obj is Attributes other && Equals(other);
    public override int GetHashCode() => _pairs.Aggregate(0, (hash, p) => unchecked(hash * 31 + p.Key.Length * 7 + p.Value.GetHashCode()));

    public override string ToString() => string.Join(" ", _pairs.Select(p => p.Key + "=" + Text(p.Value)));

    private static string Text(object value) => value switch
    {
        double d => Number(d),
        string s => "\"" + s.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"",
        bool b => b ? "true" : "false",
        EquatableArray<long> list => "(" + string.Join(", ", list) + ")",
        Polynomial p => "{" + p + "}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>With a point or an exponent, which tells it from a whole number.</summary>
    private static string Number(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.All(c => char.IsDigit(c) || c == '-') ? text + ".0" : text;
    }
}
