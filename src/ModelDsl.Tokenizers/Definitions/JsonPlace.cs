using System.Text.Json;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>A value in a JSON file together with its path, so that whoever reads it can say where it is wrong.</summary>
internal readonly struct JsonPlace(JsonElement element, string source, string path)
{
    internal string Path => path.Length == 0 ? "$" : "$" + path;

    internal JsonElement Element => element;

    internal JsonPlace this[string name] => TryGet(name, out var value)
        ? new JsonPlace(value, source, $"{path}.{name}")
        : throw Error($"has no \"{name}\"");

    internal InvalidDataException Error(string what) => new($"{source}: {Path} {what}.");

    /// <summary>Whether there is such a property and it is not null.</summary>
    internal bool Has(string name) => TryGet(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException error)
        {
            throw Error("has a name that is not valid Unicode (" + error.Message + ")");
        }
    }

    internal string String() => element.ValueKind == JsonValueKind.String ? Text(element) : throw Expected("a string");

    internal int Integer() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) ? value : throw Expected("an integer");

    internal double Number() => element.ValueKind != JsonValueKind.Number ? throw Expected("a number")
        : element.GetDouble() is var value && double.IsFinite(value) ? value
        : throw Error("is outside the range of a double");

    /// <summary>A token id.</summary>
    internal int Id() => Integer() is var id && id >= 0 ? id : throw Error($"is {id}; a token id is not negative");

    internal bool Flag(string name, bool fallback)
    {
        if (!Has(name)) return fallback;
        var value = this[name];
        return value.Element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw value.Expected("true or false"),
        };
    }

    internal string StringOr(string name, string fallback) => Has(name) ? this[name].String() : fallback;

    internal int IntegerOr(string name, int fallback) => Has(name) ? this[name].Integer() : fallback;

    internal IEnumerable<JsonPlace> Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw Expected("a list");
        return List(element, source, path);

        static IEnumerable<JsonPlace> List(JsonElement element, string source, string path)
        {
            int i = 0;
            foreach (var item in element.EnumerateArray()) yield return new JsonPlace(item, source, $"{path}[{i++}]");
        }
    }

    internal IEnumerable<(string Name, JsonPlace Value)> Properties()
    {
        if (element.ValueKind != JsonValueKind.Object) throw Expected("an object");
        return List(element, source, path);

        static IEnumerable<(string, JsonPlace)> List(JsonElement element, string source, string path)
        {
            foreach (var property in element.EnumerateObject()) yield return (Name(property, source, path), new JsonPlace(property.Value, source, path));
        }
    }

    private static string Name(JsonProperty property, string source, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new JsonPlace(property.Value, source, path).Error("has a name that is not valid Unicode (" + error.Message + ")");
        }
    }

    private InvalidDataException Expected(string what) => Error($"is {element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    }} where {what} is expected");

    private string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw Error("is not valid Unicode (" + error.Message + ")");
        }
    }
}
