using System.Collections;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>The tests: <c>value is name(argument)</c>.</summary>
internal static class TemplateTests
{
    private static readonly Dictionary<string, Func<TemplateRun, object?, object?, bool>> All = new()
    {
        ["defined"] = (_, value, _) => value is not Undefined,
        ["undefined"] = (_, value, _) => value is Undefined,
        ["none"] = (_, value, _) => value is null,
        ["string"] = (_, value, _) => value is string,
        ["number"] = (_, value, _) => value is long or double,
        ["integer"] = (_, value, _) => value is long,
        ["float"] = (_, value, _) => value is double,
        ["boolean"] = (_, value, _) => value is bool,
        ["true"] = (_, value, _) => value is true,
        ["false"] = (_, value, _) => value is false,
        ["mapping"] = (_, value, _) => value is IDictionary,
        ["sequence"] = (_, value, _) => value is IEnumerable,
        ["iterable"] = (_, value, _) => value is IEnumerable,
        ["callable"] = (_, value, _) => value is ITemplateFunction,
        ["equalto"] = TemplateValues.Equal,
        ["eq"] = TemplateValues.Equal,
        ["=="] = TemplateValues.Equal,
        ["ne"] = (run, value, argument) => !TemplateValues.Equal(run, value, argument),
        ["in"] = (run, value, argument) => TemplateValues.Contains(run, argument, value),
        ["even"] = (_, value, _) => value is long number && number % 2 == 0,
        ["odd"] = (_, value, _) => value is long number && number % 2 != 0,
        ["lower"] = (run, value, _) => value is string text && text == TemplateFilters.Lower(run, text),
        ["upper"] = (run, value, _) => value is string text && text == TemplateFilters.Upper(run, text),
    };

    internal static bool Has(string name) => All.ContainsKey(name);

    internal static bool Holds(TemplateRun run, string name, object? value, object? argument) => All[name](run, value, argument);
}
