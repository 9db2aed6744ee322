using System.Collections;
using System.Globalization;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>Methods of strings, lists and dictionaries, and the functions that every template has.</summary>
internal static class TemplateMethods
{
    private const int LongestRange = 100_000;

    private static readonly Dictionary<string, ITemplateFunction> Globals = new()
    {
        ["raise_exception"] = new Function((arguments, _) => throw new ChatTemplateException(TemplateValues.Text(arguments.Get(0, "message")))),
        ["namespace"] = new Function((arguments, _) => new Dictionary<string, object?>(arguments.Named)),
        ["dict"] = new Function((arguments, _) => new Dictionary<string, object?>(arguments.Named)),
        ["range"] = new Function(Range),
        ["strftime_now"] = new Function((arguments, line) => Time(TemplateValues.Text(arguments.Get(0, "format")), line)),
    };

    internal static object? Global(string name) => Globals.TryGetValue(name, out var function) ? function : Undefined.Value;

    internal static object? Call(object? target, string name, TemplateCallArguments arguments, int line)
    {
        object? result = target switch
        {
            string text => OfString(text, name, arguments),
            Dictionary<string, object?> map => OfDictionary(map, name, arguments, line),
            List<object?> list => OfList(list, name, arguments),
            _ => Undefined.Value,
        };
        return result is not Undefined ? result : throw new ChatTemplateException($"Line {line}: {TemplateValues.Kind(target)} has no method '{name}' that is supported.");
    }

    private static object? OfString(string text, string name, TemplateCallArguments arguments)
    {
        string Argument(int place) => TemplateValues.Text(arguments.Get(place, "", ""));
        char[] characters = arguments.Positional.Count > 0 && name.EndsWith("strip", StringComparison.Ordinal) ? Argument(0).ToCharArray() : [];
        switch (name)
        {
            case "strip": return characters.Length > 0 ? text.Trim(characters) : text.Trim();
            case "lstrip": return characters.Length > 0 ? text.TrimStart(characters) : text.TrimStart();
            case "rstrip": return characters.Length > 0 ? text.TrimEnd(characters) : text.TrimEnd();
            case "upper": return text.ToUpperInvariant();
            case "lower": return text.ToLowerInvariant();
            case "title": return CultureInfo.InvariantCulture.TextInfo.ToTitleCase(text.ToLowerInvariant());
            case "capitalize": return TemplateFilters.Apply("capitalize", text, arguments, 0);
            case "startswith": return Affixes(arguments).Any(affix => text.StartsWith(affix, StringComparison.Ordinal));
            case "endswith": return Affixes(arguments).Any(affix => text.EndsWith(affix, StringComparison.Ordinal));
            case "replace": return text.Replace(Argument(0), Argument(1), StringComparison.Ordinal);
            case "find": return (long)text.IndexOf(Argument(0), StringComparison.Ordinal);
            case "count": return (long)(text.Length - text.Replace(Argument(0), "", StringComparison.Ordinal).Length) / Math.Max(1, Argument(0).Length);
            case "join": return string.Join(text, TemplateValues.Items(arguments.Get(0, "items")).Select(TemplateValues.Text));
            case "split": return Split(text, arguments);
            case "splitlines": return text.ReplaceLineEndings("\n").Split('\n').Cast<object?>().ToList();
            default: return Undefined.Value;
        }
    }

    private static IEnumerable<string> Affixes(TemplateCallArguments arguments) =>
        arguments.Get(0, "prefix") is IList list ? list.Cast<object?>().Select(TemplateValues.Text) : [TemplateValues.Text(arguments.Get(0, "prefix"))];

    private static List<object?> Split(string text, TemplateCallArguments arguments)
    {
        int most = arguments.Get(1, "maxsplit") is long limit and >= 0 ? (int)limit + 1 : int.MaxValue;
        return arguments.Get(0, "sep") is string separator
            ? text.Split(separator, most).Cast<object?>().ToList()
            : text.Split((char[]?)null, most, StringSplitOptions.RemoveEmptyEntries).Cast<object?>().ToList();
    }

    private static object? OfDictionary(Dictionary<string, object?> map, string name, TemplateCallArguments arguments, int line)
    {
        switch (name)
        {
            case "items": return map.Select(object? (pair) => new List<object?> { pair.Key, pair.Value }).ToList();
            case "keys": return map.Keys.Cast<object?>().ToList();
            case "values": return map.Values.ToList();
            case "get": return map.TryGetValue(TemplateValues.Text(arguments.Get(0, "key")), out object? value) ? value : arguments.Get(1, "default");
            case "update":
                foreach (var (key, updated) in arguments.Named) map[key] = updated;
                return null;
            default: return map.TryGetValue(name, out object? member) && member is ITemplateFunction function ? function.Call(arguments, line) : Undefined.Value;
        }
    }

    private static object? OfList(List<object?> list, string name, TemplateCallArguments arguments)
    {
        switch (name)
        {
            case "append":
                list.Add(arguments.Get(0, "item"));
                return null;
            case "index": return (long)list.FindIndex(item => TemplateValues.Equal(item, arguments.Get(0, "item")));
            case "count": return (long)list.Count(item => TemplateValues.Equal(item, arguments.Get(0, "item")));
            case "pop" when list.Count > 0:
                object? last = list[^1];
                list.RemoveAt(list.Count - 1);
                return last;
            default: return Undefined.Value;
        }
    }

    private static object? Range(TemplateCallArguments arguments, int line)
    {
        long[] bounds = [.. arguments.Positional.Select(bound => bound as long? ?? throw new ChatTemplateException($"Line {line}: range takes integers."))];
        var (start, end, step) = bounds.Length switch { 1 => (0L, bounds[0], 1L), 2 => (bounds[0], bounds[1], 1L), 3 => (bounds[0], bounds[1], bounds[2]), _ => (0L, 0L, 0L) };
        if (step == 0) throw new ChatTemplateException($"Line {line}: range takes one to three integers, the last not zero.");
        if (Math.Abs((end - start) / step) > LongestRange) throw new ChatTemplateException($"Line {line}: a range of more than {LongestRange} numbers.");
        var numbers = new List<object?>();
        for (long i = start; step > 0 ? i < end : i > end; i += step) numbers.Add(i);
        return numbers;
    }

    private static string Time(string format, int line)
    {
        var now = DateTime.Now;
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            text.Append(format[++i] switch
            {
                'Y' => now.ToString("yyyy", CultureInfo.InvariantCulture),
                'm' => now.ToString("MM", CultureInfo.InvariantCulture),
                'd' => now.ToString("dd", CultureInfo.InvariantCulture),
                'B' => now.ToString("MMMM", CultureInfo.InvariantCulture),
                'b' => now.ToString("MMM", CultureInfo.InvariantCulture),
                'A' => now.ToString("dddd", CultureInfo.InvariantCulture),
                'a' => now.ToString("ddd", CultureInfo.InvariantCulture),
                'H' => now.ToString("HH", CultureInfo.InvariantCulture),
                'M' => now.ToString("mm", CultureInfo.InvariantCulture),
                'S' => now.ToString("ss", CultureInfo.InvariantCulture),
                'y' => now.ToString("yy", CultureInfo.InvariantCulture),
                '%' => "%",
                var other => throw new ChatTemplateException($"Line {line}: the time format %{other} is not supported."),
            });
        }
        return text.ToString();
    }

    private sealed class Function(Func<TemplateCallArguments, int, object?> call) : ITemplateFunction
    {
        public object? Call(TemplateCallArguments arguments, int line) => call(arguments, line);
    }
}
