using System.Collections;
using System.Globalization;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>What values mean: truth, text, comparison, members. Values are null, bool, long, double, string, lists and dictionaries.</summary>
internal static class TemplateValues
{
    private const int BytesPerItem = 16, BytesPerCharacter = 32, BytesPerComparison = 192; // an item of a growing list; a string of one character; of two lists

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

    internal static string Text(TemplateRun run, object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number == Math.Floor(number) && Math.Abs(number) < 1e16 ? number.ToString("0.0", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture),
        IDictionary or IList => TemplateJson.Python(run, value),
        _ => value.ToString() ?? "",
    };

    /// <summary>The items of a list, the keys of a dictionary, the characters of a string; each is a step.</summary>
    internal static IEnumerable<object?> Items(TemplateRun run, object? value)
    {
        IEnumerable items = value switch
        {
            null or Undefined => Array.Empty<object?>(),
            string text => text.Select(object? (c) => Character(run, c)),
            IReadOnlyDictionary<string, object?> map => map.Keys,
            IEnumerable list => list,
            _ => throw run.Error($"{Kind(value)} cannot be iterated over"),
        };
        return Counted(run, items);
    }

    private static IEnumerable<object?> Counted(TemplateRun run, IEnumerable items)
    {
        foreach (object? item in items)
        {
            run.Step();
            yield return item;
        }
    }

    private static string Character(TemplateRun run, char c)
    {
        run.Allocate(BytesPerCharacter);
        return c.ToString();
    }

    /// <summary>A list of its own.</summary>
    internal static List<object?> List(TemplateRun run, IEnumerable<object?> items)
    {
        var list = new List<object?>();
        foreach (object? item in items) Add(run, list, item);
        return list;
    }

    internal static void Add(TemplateRun run, List<object?> list, object? item)
    {
        run.Step();
        run.Allocate(BytesPerItem);
        list.Add(item);
    }

    internal static long Length(TemplateRun run, object? value) => value switch
    {
        string text => text.Length,
        ICollection list => list.Count,
        _ => Items(run, value).LongCount(),
    };

    internal static bool Equal(TemplateRun run, object? a, object? b)
    {
        run.Step();
        switch (a, b)
        {
            case (long x, double y): return x == y;
            case (double x, long y): return x == y;
            case (double x, double y): return x == y;
            case (string x, string y):
                run.Read(Math.Min(x.Length, y.Length));
                return x == y;
            case (IReadOnlyDictionary<string, object?> x, IReadOnlyDictionary<string, object?> y):
                return ReferenceEquals(x, y) || x.Count == y.Count && EqualItems(run, x, pair => y.TryGetValue(pair.Key, out object? other) && Equal(run, pair.Value, other));
            case (IList x, IList y):
                return ReferenceEquals(x, y) || x.Count == y.Count && EqualItems(run, Enumerable.Range(0, x.Count), i => Equal(run, x[i], y[i]));
            default: return Equals(a, b);
        }
    }

    private static bool EqualItems<T>(TemplateRun run, IEnumerable<T> items, Func<T, bool> equal)
    {
        var place = run.Enter();
        run.Allocate(BytesPerComparison);
        bool all = items.All(equal);
        run.Leave(place);
        return all;
    }

    internal static bool Compare(TemplateRun run, string op, object? a, object? b)
    {
        if (op == "==") return Equal(run, a, b);
        if (op == "!=") return !Equal(run, a, b);
        int order;
        switch (a, b)
        {
            case (string x, string y):
                run.Read(Math.Min(x.Length, y.Length));
                order = string.CompareOrdinal(x, y);
                break;
            case (long x, long y):
                order = x.CompareTo(y);
                break;
            case (long or double, long or double):
                order = Number(a).CompareTo(Number(b));
                break;
            default:
                throw run.Error($"{Kind(a)} and {Kind(b)} cannot be compared");
        }
        return op switch { "<" => order < 0, ">" => order > 0, "<=" => order <= 0, _ => order >= 0 };
    }

    internal static bool Contains(TemplateRun run, object? container, object? item)
    {
        switch (container)
        {
            case string text when item is string part:
                run.Search(text, part);
                return text.Contains(part, StringComparison.Ordinal);
            case string or null or Undefined:
                return false;
            case IReadOnlyDictionary<string, object?> map:
                return item is string key && map.ContainsKey(key);
            case IEnumerable:
                return Items(run, container).Any(other => Equal(run, other, item));
            default:
                throw run.Error($"{Kind(container)} contains nothing");
        }
    }

    internal static object? Member(object? target, string name) =>
        target is IReadOnlyDictionary<string, object?> map && map.TryGetValue(name, out object? value) ? value : Undefined.Value;

    internal static object? Index(object? target, object? index)
    {
        if (index is string name) return Member(target, name);
        if (index is not long at) return Undefined.Value;
        int length = target switch { string text => text.Length, IList list => list.Count, _ => 0 };
        if (at < 0) at += length;
        if (at < 0 || at >= length) return Undefined.Value;
        return target is string characters ? characters[(int)at].ToString() : ((IList)target!)[(int)at];
    }

    internal static object? Slice(TemplateRun run, object? target, object?[] bounds)
    {
        long length = target switch { string text => text.Length, IList list => list.Count, _ => throw run.Error($"{Kind(target)} cannot be sliced") };
        long step = Math.Clamp(bounds[2] as long? ?? 1, -int.MaxValue, int.MaxValue);
        if (step == 0) throw run.Error("the step of a slice is zero");
        long Bound(object? bound, long fallback) => bound is not long at ? fallback : Math.Clamp(at < 0 ? at + length : at, step < 0 ? -1 : 0, step < 0 ? length - 1 : length);
        long start = Bound(bounds[0], step > 0 ? 0 : length - 1), end = Bound(bounds[1], step > 0 ? length : -1);
        long distance = step > 0 ? end - start : start - end;
        long count = distance > 0 ? (distance - 1) / Math.Abs(step) + 1 : 0;
        if (target is not string characters)
        {
            var items = (IList)target!;
            return List(run, Enumerable.Range(0, (int)count).Select(i => items[(int)(start + i * step)]));
        }
        run.Make(count);
        return string.Create((int)count, (characters, start, step), static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = source.characters[(int)(source.start + i * source.step)];
        });
    }

    internal static double Number(object? value) => value is long number ? number : (double)value!;

    internal static string Kind(object? value) => value switch
    {
        null => "none",
        Undefined => "an undefined value",
        bool => "a boolean",
        long or double => "a number",
        string => "a string",
        IDictionary => "a dictionary",
        IList => "a list",
        ITemplateFunction => "a function",
        _ => $"a value of the type {value.GetType().Name}",
    };
}
