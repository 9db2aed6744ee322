using System.Collections;
using System.Globalization;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>The filters: <c>value | name(arguments)</c>.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string, Func<object?, TemplateCallArguments, int, object?>> All = new()
    {
        ["trim"] = (value, _, _) => TemplateValues.Text(value).Trim(),
        ["upper"] = (value, _, _) => TemplateValues.Text(value).ToUpperInvariant(),
        ["lower"] = (value, _, _) => TemplateValues.Text(value).ToLowerInvariant(),
        ["capitalize"] = (value, _, _) => Capitalize(TemplateValues.Text(value)),
        ["title"] = (value, _, _) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(TemplateValues.Text(value).ToLowerInvariant()),
        ["string"] = (value, _, _) => TemplateValues.Text(value),
        ["safe"] = (value, _, _) => value,
        ["length"] = (value, _, _) => (long)TemplateValues.Items(value).Count(),
        ["count"] = (value, _, _) => (long)TemplateValues.Items(value).Count(),
        ["first"] = (value, _, _) => TemplateValues.Items(value).FirstOrDefault(Undefined.Value),
        ["last"] = (value, _, _) => TemplateValues.Items(value).LastOrDefault(Undefined.Value),
        ["list"] = (value, _, _) => TemplateValues.Items(value).ToList(),
        ["reverse"] = (value, _, _) => value is string text ? string.Concat(text.Reverse()) : TemplateValues.Items(value).Reverse().ToList(),
        ["unique"] = (value, _, _) => TemplateValues.Items(value).Distinct().ToList(),
        ["sort"] = (value, _, _) => TemplateValues.Items(value).OrderBy(TemplateValues.Text, StringComparer.Ordinal).ToList(),
        ["items"] = (value, _, line) => TemplateMethods.Call(value, "items", new TemplateCallArguments([], []), line),
        ["dictsort"] = (value, _, line) => ((List<object?>)TemplateMethods.Call(value, "items", new TemplateCallArguments([], []), line)!)
            .OrderBy(pair => TemplateValues.Text(TemplateValues.Index(pair, 0L)), StringComparer.OrdinalIgnoreCase).ToList(),
        ["tojson"] = (value, arguments, _) => TemplateJson.Json(value, (int)(arguments.Get(0, "indent") as long? ?? 0)),
        ["join"] = (value, arguments, _) => string.Join(TemplateValues.Text(arguments.Get(0, "d", "")), Attributes(value, arguments.Get(1, "attribute")).Select(TemplateValues.Text)),
        ["default"] = (value, arguments, _) => Default(value, arguments),
        ["d"] = (value, arguments, _) => Default(value, arguments),
        ["replace"] = (value, arguments, _) => TemplateValues.Text(value).Replace(TemplateValues.Text(arguments.Get(0, "old")), TemplateValues.Text(arguments.Get(1, "new")), StringComparison.Ordinal),
        ["int"] = (value, arguments, _) => Integer(value) ?? arguments.Get(0, "default", 0L),
        ["float"] = (value, _, _) => value is long or double ? TemplateValues.Number(value) : double.TryParse(TemplateValues.Text(value), CultureInfo.InvariantCulture, out double number) ? number : 0.0,
        ["abs"] = (value, _, _) => value is long number ? Math.Abs(number) : Math.Abs(TemplateValues.Number(value)),
        ["indent"] = (value, arguments, _) => Indent(TemplateValues.Text(value), (int)(arguments.Get(0, "width") as long? ?? 4), TemplateValues.Truth(arguments.Get(1, "first"))),
        ["map"] = (value, arguments, line) => Map(value, arguments, line),
        ["select"] = (value, arguments, _) => Select(value, item => item, arguments.Get(0, "test"), arguments.Get(1, "value"), keep: true),
        ["reject"] = (value, arguments, _) => Select(value, item => item, arguments.Get(0, "test"), arguments.Get(1, "value"), keep: false),
        ["selectattr"] = (value, arguments, _) => SelectAttribute(value, arguments, keep: true),
        ["rejectattr"] = (value, arguments, _) => SelectAttribute(value, arguments, keep: false),
    };

    internal static bool Has(string name) => All.ContainsKey(name);

    internal static object? Apply(string name, object? value, TemplateCallArguments arguments, int line) => All[name](value, arguments, line);

    private static object? Default(object? value, TemplateCallArguments arguments) =>
        value is Undefined || TemplateValues.Truth(arguments.Get(1, "boolean")) && !TemplateValues.Truth(value) ? arguments.Get(0, "default_value", "") : value;

    private static IEnumerable<object?> Attributes(object? value, object? attribute) =>
        attribute is null ? TemplateValues.Items(value) : TemplateValues.Items(value).Select(item => TemplateValues.Index(item, attribute));

    private static object? Map(object? value, TemplateCallArguments arguments, int line)
    {
        if (arguments.Named.TryGetValue("attribute", out object? attribute)) return Attributes(value, attribute).ToList();
        string filter = TemplateValues.Text(arguments.Get(0, "filter"));
        if (!Has(filter)) throw new ChatTemplateException($"Line {line}: the filter '{filter}' is not supported.");
        var rest = new TemplateCallArguments([.. arguments.Positional.Skip(1)], arguments.Named);
        return TemplateValues.Items(value).Select(item => Apply(filter, item, rest, line)).ToList();
    }

    private static List<object?> SelectAttribute(object? value, TemplateCallArguments arguments, bool keep) =>
        Select(value, item => TemplateValues.Index(item, arguments.Get(0, "attribute")), arguments.Get(1, "test"), arguments.Get(2, "value"), keep);

    private static List<object?> Select(object? value, Func<object?, object?> part, object? test, object? argument, bool keep)
    {
        if (test is string name && !TemplateValues.IsTest(name) && name != "==") throw new ChatTemplateException($"The test '{name}' is not supported.");
        bool Holds(object? item) => test is string name ? TemplateValues.Test(name == "==" ? "eq" : name, item, argument) : TemplateValues.Truth(item);
        return TemplateValues.Items(value).Where(item => Holds(part(item)) == keep).ToList();
    }

    private static object? Integer(object? value) => value switch
    {
        long => value,
        double number => (long)number,
        bool flag => flag ? 1L : 0L,
        _ => long.TryParse(TemplateValues.Text(value), NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) ? number : null,
    };

    private static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    private static string Indent(string text, int width, bool first)
    {
        string space = new(' ', width);
        var lines = text.Split('\n');
        return string.Join("\n", lines.Select((line, i) => (i == 0 && !first) || line.Length == 0 ? line : space + line));
    }
}
