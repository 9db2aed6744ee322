using System.Collections;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>Methods of strings, lists and dictionaries.</summary>
internal static class TemplateMethods
{
    internal static object? Call(TemplateRun run, object? target, string name, TemplateCallArguments arguments) => target switch
    {
        string text => OfString(run, text, name, arguments),
        Dictionary<string, object?> map => OfDictionary(run, map, name, arguments),
        List<object?> list => OfList(run, list, name, arguments),
        _ => throw Unknown(run, target, name),
    };

    private static ChatTemplateException Unknown(TemplateRun run, object? target, string name) =>
        run.Error($"{TemplateValues.Kind(target)} has no method {TemplatePlace.Quote(name)} that is supported");

    private static object? OfString(TemplateRun run, string text, string name, TemplateCallArguments arguments) => name switch
    {
        "strip" => TemplateStrings.Strip(run, text, arguments, start: true, end: true),
        "lstrip" => TemplateStrings.Strip(run, text, arguments, start: true, end: false),
        "rstrip" => TemplateStrings.Strip(run, text, arguments, start: false, end: true),
        "upper" => TemplateFilters.Upper(run, text),
        "lower" => TemplateFilters.Lower(run, text),
        "title" => TemplateFilters.Title(run, text),
        "capitalize" => TemplateFilters.Capitalize(run, text),
        "startswith" => Affixes(run, arguments).Any(affix => text.StartsWith(affix, StringComparison.Ordinal)),
        "endswith" => Affixes(run, arguments).Any(affix => text.EndsWith(affix, StringComparison.Ordinal)),
        "replace" => TemplateStrings.Replace(run, text, arguments),
        "find" => TemplateStrings.Find(run, text, arguments),
        "count" => TemplateStrings.Count(run, text, arguments),
        "join" => TemplateStrings.Join(run, text, TemplateValues.Items(run, arguments.Get(0, "items"))),
        "split" => TemplateStrings.Split(run, text, arguments),
        "splitlines" => TemplateStrings.Lines(run, text),
        _ => throw Unknown(run, text, name),
    };

    private static IEnumerable<string> Affixes(TemplateRun run, TemplateCallArguments arguments)
    {
        object? given = arguments.Get(0, "prefix");
        return (given is IList ? TemplateValues.Items(run, given) : [given]).Select(affix =>
        {
            string text = TemplateValues.Text(run, affix);
            run.Read(text.Length);
            return text;
        });
    }

    private static object? OfDictionary(TemplateRun run, Dictionary<string, object?> map, string name, TemplateCallArguments arguments)
    {
        switch (name)
        {
            case "items": return TemplateValues.List(run, map.Select(object? (pair) => Pair(run, pair.Key, pair.Value)));
            case "keys": return TemplateValues.List(run, map.Keys);
            case "values": return TemplateValues.List(run, map.Values);
            case "get": return map.TryGetValue(TemplateValues.Text(run, arguments.Get(0, "key")), out object? value) ? value : arguments.Get(1, "default");
            case "update":
                run.Allocate(64L * arguments.Named.Count);
                foreach (var (key, updated) in arguments.Named) map[key] = updated;
                return null;
            default: return map.TryGetValue(name, out object? member) && member is ITemplateFunction function ? function.Call(run, arguments) : throw Unknown(run, map, name);
        }
    }

    private static List<object?> Pair(TemplateRun run, string key, object? value)
    {
        run.Allocate(80);
        return [key, value];
    }

    private static object? OfList(TemplateRun run, List<object?> list, string name, TemplateCallArguments arguments)
    {
        switch (name)
        {
            case "append":
                TemplateValues.Add(run, list, arguments.Get(0, "item"));
                return null;
            case "index":
                int found = list.FindIndex(item => TemplateValues.Equal(run, item, arguments.Get(0, "item")));
                return found >= 0 ? (long)found : throw run.Error("the list does not contain the item that index looks for");
            case "count": return (long)list.Count(item => TemplateValues.Equal(run, item, arguments.Get(0, "item")));
            case "pop":
                long at = arguments.Get(0, "index") as long? ?? -1;
                if (at < 0) at += list.Count;
                if (at < 0 || at >= list.Count) throw run.Error($"pop is asked for an item outside the list of {list.Count} items");
                object? item = list[(int)at];
                run.Read(list.Count - at);
                list.RemoveAt((int)at);
                return item;
            default: throw Unknown(run, list, name);
        }
    }
}
