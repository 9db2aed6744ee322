using System.Collections;
using System.Globalization;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>What values mean: truth, text, comparison, arithmetic, members. Values are null, bool, long, double, string, lists and dictionaries.</summary>
internal static class TemplateValues
{
    private static readonly HashSet<string> Tests =
        ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false", "mapping", "sequence", "iterable", "callable", "equalto", "eq", "ne", "in", "even", "odd", "lower", "upper"];

    internal static bool Truth(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        ICollection list => list.Count > 0,
        _ => true,
    };

    internal static string Text(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number == Math.Floor(number) && Math.Abs(number) < 1e16 ? number.ToString("0.0", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture),
        IDictionary or IList => TemplateJson.Python(value),
        _ => value.ToString() ?? "",
    };

    internal static IEnumerable<object?> Items(object? value) => value switch
    {
        null or Undefined => [],
        string text => text.Select(object? (c) => c.ToString()),
        IReadOnlyDictionary<string, object?> map => map.Keys,
        IEnumerable list => list.Cast<object?>(),
        _ => throw new ChatTemplateException($"A value of the kind {Kind(value)} cannot be gone through."),
    };

    internal static bool Equal(object? a, object? b) => (a, b) switch
    {
        (long x, double y) => x == y,
        (double x, long y) => x == y,
        (string x, string y) => x == y,
        (IList x, IList y) => x.Count == y.Count && x.Cast<object?>().Zip(y.Cast<object?>()).All(pair => Equal(pair.First, pair.Second)),
        _ => Equals(a, b),
    };

    internal static bool Compare(string op, object? a, object? b, int line)
    {
        if (op == "==") return Equal(a, b);
        if (op == "!=") return !Equal(a, b);
        int order = a is string x && b is string y ? string.CompareOrdinal(x, y)
            : a is long or double && b is long or double ? Number(a).CompareTo(Number(b))
            : throw new ChatTemplateException($"Line {line}: {Kind(a)} and {Kind(b)} cannot be compared.");
        return op switch { "<" => order < 0, ">" => order > 0, "<=" => order <= 0, _ => order >= 0 };
    }

    internal static object? Calculate(string op, object? a, object? b, int line)
    {
        if (op == "~") return Text(a) + Text(b);
        if (op == "+" && a is string left && b is string right) return left + right;
        if (op == "+" && a is IList first && b is IList second) return first.Cast<object?>().Concat(second.Cast<object?>()).ToList();
        if (op == "*" && a is string text && b is long times) return string.Concat(Enumerable.Repeat(text, (int)Math.Clamp(times, 0, 10000)));
        if (a is long x && b is long y)
        {
            if (y == 0 && op is "/" or "//" or "%" && y == 0) throw new ChatTemplateException($"Line {line}: a division by zero.");
            switch (op)
            {
                case "+": return x + y;
                case "-": return x - y;
                case "*": return x * y;
                case "/": return (double)x / y;
                case "//": return (long)Math.Floor((double)x / y);
                case "%": return (x % y + y) % y;
            }
        }
        if (a is long or double && b is long or double)
            return op switch
            {
                "+" => Number(a) + Number(b),
                "-" => Number(a) - Number(b),
                "*" => Number(a) * Number(b),
                "/" => Number(a) / Number(b),
                "//" => Math.Floor(Number(a) / Number(b)),
                _ => Number(a) - Math.Floor(Number(a) / Number(b)) * Number(b),
            };
        throw new ChatTemplateException($"Line {line}: {Kind(a)} {op} {Kind(b)} has no meaning.");
    }

    internal static bool Contains(object? container, object? item, int line) => container switch
    {
        string text when item is string part => text.Contains(part, StringComparison.Ordinal),
        string or null or Undefined => false,
        IReadOnlyDictionary<string, object?> map => item is string key && map.ContainsKey(key),
        IEnumerable list => list.Cast<object?>().Any(other => Equal(other, item)),
        _ => throw new ChatTemplateException($"Line {line}: {Kind(container)} holds nothing."),
    };

    internal static object? Member(object? target, string name) =>
        target is IReadOnlyDictionary<string, object?> map && map.TryGetValue(name, out object? value) ? value : Undefined.Value;

    internal static object? Index(object? target, object? index)
    {
        if (index is string name) return Member(target, name);
        if (index is not long at) return Undefined.Value;
        if (target is string text) return at < 0 ? At(text.Length + at) : At(at);
        if (target is not IList list) return Undefined.Value;
        if (at < 0) at += list.Count;
        return at >= 0 && at < list.Count ? list[(int)at] : Undefined.Value;

        object At(long place) => place >= 0 && place < text.Length ? text[(int)place].ToString() : Undefined.Value;
    }

    internal static object? Slice(object? target, object?[] bounds, int line)
    {
        if (target is not (string or IList)) throw new ChatTemplateException($"Line {line}: {Kind(target)} has no slices.");
        var items = Items(target).ToList();
        long step = bounds[2] as long? ?? 1;
        if (step == 0) throw new ChatTemplateException($"Line {line}: the step of a slice is zero.");
        long Bound(object? bound, long fallback) => bound is not long at ? fallback : Math.Clamp(at < 0 ? at + items.Count : at, step < 0 ? -1 : 0, items.Count);
        var result = new List<object?>();
        long start = Bound(bounds[0], step > 0 ? 0 : items.Count - 1), end = Bound(bounds[1], step > 0 ? items.Count : -1);
        for (long i = start; step > 0 ? i < end : i > end; i += step)
            if (i < items.Count) result.Add(items[(int)i]);
        return target is string ? string.Concat(result) : result;
    }

    internal static bool IsTest(string name) => Tests.Contains(name);

    internal static bool Test(string name, object? value, object? argument) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "string" => value is string,
        "number" => value is long or double,
        "integer" => value is long,
        "float" => value is double,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "mapping" => value is IDictionary,
        "sequence" or "iterable" => value is string or IEnumerable,
        "callable" => value is ITemplateFunction,
        "equalto" or "eq" => Equal(value, argument),
        "ne" => !Equal(value, argument),
        "in" => Contains(argument, value, 0),
        "even" => value is long number && number % 2 == 0,
        "odd" => value is long number && number % 2 != 0,
        "lower" => value is string text && text == text.ToLowerInvariant(),
        _ => value is string text && text == text.ToUpperInvariant(),
    };

    internal static double Number(object? value) => value is long number ? number : (double)value!;

    internal static string Kind(object? value) => value switch
    {
        null => "none",
        Undefined => "something undefined",
        bool => "a boolean",
        long or double => "a number",
        string => "a string",
        IDictionary => "a dictionary",
        IList => "a list",
        _ => "a function",
    };
}
