using System.Globalization;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>The filters: <c>value | name(arguments)</c>.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string, Func<TemplateRun, object?, TemplateCallArguments, object?>> All = new()
    {
        ["trim"] = (run, value, _) => TemplateStrings.Trim(run, Text(run, value)),
        ["upper"] = (run, value, _) => Upper(run, Text(run, value)),
        ["lower"] = (run, value, _) => Lower(run, Text(run, value)),
        ["capitalize"] = (run, value, _) => Capitalize(run, Text(run, value)),
        ["title"] = (run, value, _) => Title(run, Text(run, value)),
        ["string"] = (run, value, _) => Text(run, value),
        ["safe"] = (_, value, _) => value,
        ["length"] = (run, value, _) => TemplateValues.Length(run, value),
        ["count"] = (run, value, _) => TemplateValues.Length(run, value),
        ["first"] = (run, value, _) => TemplateValues.Items(run, value).FirstOrDefault(Undefined.Value),
        ["last"] = (run, value, _) => value is string or List<object?> ? TemplateValues.Index(value, -1L) : TemplateValues.Items(run, value).LastOrDefault(Undefined.Value),
        ["list"] = (run, value, _) => List(run, TemplateValues.Items(run, value)),
        ["reverse"] = (run, value, _) => TemplateValues.Slice(run, value is string ? value : List(run, TemplateValues.Items(run, value)), [null, null, -1L]),
        ["unique"] = (run, value, _) => List(run, Readable(run, value).Distinct()),
        ["sort"] = (run, value, _) => Sort(run, TemplateValues.Items(run, value), item => Text(run, item), StringComparer.Ordinal),
        ["items"] = (run, value, _) => TemplateMethods.Call(run, value, "items", TemplateCallArguments.None),
        ["dictsort"] = (run, value, _) => Sort(run, TemplateValues.Items(run, TemplateMethods.Call(run, value, "items", TemplateCallArguments.None)),
            pair => Text(run, TemplateValues.Index(pair, 0L)), StringComparer.OrdinalIgnoreCase),
        ["tojson"] = (run, value, arguments) => TemplateJson.Json(run, value, Math.Clamp(arguments.Get(0, "indent") as long? ?? 0, 0, int.MaxValue)),
        ["join"] = (run, value, arguments) => TemplateStrings.Join(run, Text(run, arguments.Get(0, "d", "")), Attributes(run, value, arguments.Get(1, "attribute"))),
        ["default"] = (_, value, arguments) => Default(value, arguments),
        ["d"] = (_, value, arguments) => Default(value, arguments),
        ["replace"] = (run, value, arguments) => TemplateStrings.Replace(run, Text(run, value), arguments),
        ["int"] = (run, value, arguments) => Integer(run, value) ?? arguments.Get(0, "default", 0L),
        ["float"] = (run, value, _) => value is long or double ? TemplateValues.Number(value) : double.TryParse(Text(run, value), CultureInfo.InvariantCulture, out double number) ? number : 0.0,
        ["abs"] = (run, value, _) => Absolute(run, value),
        ["indent"] = (run, value, arguments) => Indent(run, Text(run, value), Math.Clamp(arguments.Get(0, "width") as long? ?? 4, 0, int.MaxValue), TemplateValues.Truth(arguments.Get(1, "first"))),
        ["map"] = Map,
        ["select"] = (run, value, arguments) => Select(run, value, item => item, arguments.Get(0, "test"), arguments.Get(1, "value"), keep: true),
        ["reject"] = (run, value, arguments) => Select(run, value, item => item, arguments.Get(0, "test"), arguments.Get(1, "value"), keep: false),
        ["selectattr"] = (run, value, arguments) => SelectAttribute(run, value, arguments, keep: true),
        ["rejectattr"] = (run, value, arguments) => SelectAttribute(run, value, arguments, keep: false),
    };

    internal static bool Has(string name) => All.ContainsKey(name);

    internal static object? Apply(TemplateRun run, string name, object? value, TemplateCallArguments arguments) => All[name](run, value, arguments);

    internal static string Upper(TemplateRun run, string text)
    {
        run.Make(text.Length);
        return text.ToUpperInvariant();
    }

    internal static string Lower(TemplateRun run, string text)
    {
        run.Make(text.Length);
        return text.ToLowerInvariant();
    }

    internal static string Capitalize(TemplateRun run, string text)
    {
        run.Make(2L * text.Length);
        return text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();
    }

    internal static string Title(TemplateRun run, string text)
    {
        run.Make(2L * text.Length);
        return CultureInfo.InvariantCulture.TextInfo.ToTitleCase(text.ToLowerInvariant());
    }

    private static string Text(TemplateRun run, object? value) => TemplateValues.Text(run, value);

    private static List<object?> List(TemplateRun run, IEnumerable<object?> items) => TemplateValues.List(run, items);

    // Items that are hashed and compared, which for a text costs several times as much as reading it.
    private static IEnumerable<object?> Readable(TemplateRun run, object? value) => TemplateValues.Items(run, value).Select(item =>
    {
        if (item is string text) run.Read(8L * text.Length);
        return item;
    });

    private static List<object?> Sort(TemplateRun run, IEnumerable<object?> items, Func<object?, string> key, StringComparer comparer)
    {
        var keyed = new List<(string Key, object? Item)>();
        long longest = 0;
        foreach (object? item in items)
        {
            keyed.Add((key(item), item));
            run.Allocate(64);
            longest = Math.Max(longest, keyed[^1].Key.Length);
        }
        long comparisons = keyed.Count * (long)(1 + Math.Log2(keyed.Count + 1));
        run.Step(comparisons);
        run.Read(comparisons * longest);
        return List(run, keyed.OrderBy(pair => pair.Key, comparer).Select(pair => pair.Item));
    }

    private static object? Default(object? value, TemplateCallArguments arguments) =>
        value is Undefined || TemplateValues.Truth(arguments.Get(1, "boolean")) && !TemplateValues.Truth(value) ? arguments.Get(0, "default_value", "") : value;

    private static IEnumerable<object?> Attributes(TemplateRun run, object? value, object? attribute) =>
        attribute is null ? TemplateValues.Items(run, value) : TemplateValues.Items(run, value).Select(item => TemplateValues.Index(item, attribute));

    private static object? Map(TemplateRun run, object? value, TemplateCallArguments arguments)
    {
        if (arguments.Named.TryGetValue("attribute", out object? attribute)) return List(run, Attributes(run, value, attribute));
        string filter = Text(run, arguments.Get(0, "filter"));
        if (!Has(filter)) throw run.Error($"the filter {TemplatePlace.Quote(filter)} is not supported");
        var place = run.Enter();
        run.Step(arguments.Positional.Count);
        var rest = new TemplateCallArguments([.. arguments.Positional.Skip(1)], arguments.Named);
        var result = List(run, TemplateValues.Items(run, value).Select(item => Apply(run, filter, item, rest)));
        run.Leave(place);
        return result;
    }

    private static List<object?> SelectAttribute(TemplateRun run, object? value, TemplateCallArguments arguments, bool keep) =>
        Select(run, value, item => TemplateValues.Index(item, arguments.Get(0, "attribute")), arguments.Get(1, "test"), arguments.Get(2, "value"), keep);

    private static List<object?> Select(TemplateRun run, object? value, Func<object?, object?> part, object? test, object? argument, bool keep)
    {
        if (test is string name && !TemplateTests.Has(name)) throw run.Error($"the test {TemplatePlace.Quote(name)} is not supported");
        bool Holds(object? item) => test is string known ? TemplateTests.Holds(run, known, item, argument) : TemplateValues.Truth(item);
        return List(run, TemplateValues.Items(run, value).Where(item => Holds(part(item)) == keep));
    }

    private static object? Integer(TemplateRun run, object? value) => value switch
    {
        long => value,
        double number => (long)number,
        bool flag => flag ? 1L : 0L,
        _ => long.TryParse(Text(run, value), NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) ? number : null,
    };

    private static object Absolute(TemplateRun run, object? value) => value switch
    {
        long.MinValue => throw run.Error($"the absolute value of {value} does not fit into 64 bits"),
        long number => Math.Abs(number),
        double number => Math.Abs(number),
        _ => throw run.Error($"{TemplateValues.Kind(value)} has no absolute value"),
    };

    private static string Indent(TemplateRun run, string text, long width, bool first)
    {
        var output = new TemplateText(run);
        bool indents = first;
        foreach (var line in text.AsSpan().Split('\n'))
        {
            if (line.Start.Value > 0) output.Append('\n');
            if (indents && !text.AsSpan(line).IsEmpty) output.AppendSpaces(width);
            output.Append(text.AsSpan(line));
            indents = true;
        }
        return output.ToString();
    }
}
