using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelDsl.Attacks.Mutation;

/// <summary>Changes JSON documents within their grammar: nodes are replaced, removed, doubled, nested and taken from others.</summary>
internal sealed class JsonMutator
{
    // The lists of tokenizer.json's components that hold others; none nests plain lists.
    private static readonly string[] s_sequences = ["", "normalizers", "pretokenizers", "processors", "decoders"];

    private readonly JsonNode[] _documents;
    private readonly JsonNode[] _parts;
    private readonly IReadOnlyList<string> _strings;

    /// <param name="documents">That are read without error.</param>
    /// <param name="strings">Values to put in besides the usual extremes.</param>
    public JsonMutator(IEnumerable<string> documents, IReadOnlyList<string> strings)
    {
        _documents = [.. documents.Select(document => JsonNode.Parse(document)!)];
        _parts = [.. _documents.SelectMany(document => Places(document)).Select(place => place.Value).OfType<JsonNode>().Where(part => part is JsonObject or JsonArray)];
        _strings = [.. strings, .. Extremes.Strings];
    }

    public byte[] Next(Random random)
    {
        var document = ByteMutator.Pick(_documents, random).DeepClone();
        var root = new JsonArray(document);
        for (int changes = 1 + random.Next(4); changes > 0; changes--)
        {
            var places = Places(root).ToArray();
            if (places.Length == 0)
                break;
            // The large lists of a vocabulary would take nearly all changes.
            var place = places[(int)(places.Length * Math.Pow(random.NextDouble(), random.Next(1, 4)))];
            Change(place.Parent, place.Key, place.Value, random);
        }
        return root.Count == 0 || root[0] is null ? "null"u8.ToArray() : Encoding.UTF8.GetBytes(root[0]!.ToJsonString());
    }

    private void Change(JsonNode parent, object key, JsonNode? value, Random random)
    {
        switch (random.Next(10))
        {
            case 0: Remove(parent, key); break;
            case 1 or 2: Set(parent, key, Number(random)); break;
            case 3 or 4: Set(parent, key, JsonValue.Create(Text(random))); break;
            case 5: Set(parent, key, ByteMutator.Pick(_parts, random).DeepClone()); break;
            case 6: Set(parent, key, Nested(value, random)); break;
            case 7: Double(value, random); break;
            case 8: Set(parent, key, random.Next(3) switch { 0 => null, 1 => JsonValue.Create(random.Next(2) == 0), _ => new JsonObject() }); break;
            default: Rename(parent, key, random); break;
        }
    }

    /// <summary>Everything below a node, with where it stands.</summary>
    private static IEnumerable<(JsonNode Parent, object Key, JsonNode? Value)> Places(JsonNode node)
    {
        var waiting = new Queue<JsonNode>([node]);
        while (waiting.TryDequeue(out var parent))
            foreach (var (key, value) in parent is JsonObject map ? map.Select(pair => ((object)pair.Key, pair.Value)) : ((JsonArray)parent).Select((item, i) => ((object)i, item)))
            {
                yield return (parent, key, value);
                if (value is JsonObject or JsonArray)
                    waiting.Enqueue(value);
            }
    }

    private static void Set(JsonNode parent, object key, JsonNode? value)
    {
        if (parent is JsonObject map)
            map[(string)key] = value;
        else
            ((JsonArray)parent)[(int)key] = value;
    }

    private static void Remove(JsonNode parent, object key)
    {
        if (parent is JsonObject map)
            map.Remove((string)key);
        else
            ((JsonArray)parent).RemoveAt((int)key);
    }

    private void Rename(JsonNode parent, object key, Random random)
    {
        if (parent is JsonObject map && map.Remove((string)key, out var value))
            map[Text(random)] = value;
        else if (parent is JsonArray list)
            list.Insert((int)key, list[random.Next(list.Count)]?.DeepClone());
    }

    private static JsonNode? Nested(JsonNode? value, Random random)
    {
        JsonNode? nested = value?.DeepClone();
        string key = ByteMutator.Pick(s_sequences, random);
        for (int depth = 1 << random.Next(7); depth > 0; depth--)
            nested = key.Length == 0 ? new JsonArray(nested) : new JsonObject { ["type"] = "Sequence", [key] = new JsonArray(nested) };
        return nested;
    }

    private static void Double(JsonNode? value, Random random)
    {
        if (value is not JsonArray { Count: > 0 } list)
            return;
        var item = list[random.Next(list.Count)];
        for (int times = 1 << random.Next(10); times > 0; times--)
            list.Add(item?.DeepClone());
    }

    private static JsonNode? Number(Random random)
    {
        string text = ByteMutator.Pick(Extremes.Numbers, random);
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private string Text(Random random)
    {
        string text = ByteMutator.Pick(_strings, random);
        return random.Next(6) == 0 ? string.Concat(Enumerable.Repeat(text, Math.Min(1 << random.Next(16), 100_000 / Math.Max(1, text.Length)))) : text;
    }
}
