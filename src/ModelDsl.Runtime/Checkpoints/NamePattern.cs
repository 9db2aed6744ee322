using System.Text;

namespace ModelDsl.Runtime;

/// <summary>A weight name with places for numbers: "Blocks.{i}.Norm.Scale" matches "Blocks.11.Norm.Scale" with i = 11.</summary>
internal sealed class NamePattern
{
    private readonly string[] literals;
    private readonly string[] places;

    public NamePattern(string text)
    {
        string[] pieces = text.Split('{', '}');
        if (pieces.Length % 2 == 0)
            throw new ArgumentException($"The pattern '{text}' has a brace without its pair.");
        literals = [.. pieces.Where((_, i) => i % 2 == 0)];
        places = [.. pieces.Where((_, i) => i % 2 == 1)];
    }

    /// <summary>The numbers in <paramref name="name"/> by their places, or null where it does not match.</summary>
    public Dictionary<string, string>? Match(string name)
    {
        var numbers = new Dictionary<string, string>();
        if (!name.StartsWith(literals[0], StringComparison.Ordinal))
            return null;
        int at = literals[0].Length;
        for (int place = 0; place < places.Length; place++)
        {
            int end = at;
            while (end < name.Length && char.IsAsciiDigit(name[end]))
                end++;
            string number = name[at..end];
            if (number.Length == 0 || numbers.TryGetValue(places[place], out string? before) && before != number)
                return null;
            numbers[places[place]] = number;
            if (!name.AsSpan(end).StartsWith(literals[place + 1], StringComparison.Ordinal))
                return null;
            at = end + literals[place + 1].Length;
        }
        return at == name.Length ? numbers : null;
    }

    /// <summary>The pattern with numbers in its places.</summary>
    public string Fill(Dictionary<string, string> numbers)
    {
        var name = new StringBuilder(literals[0]);
        for (int place = 0; place < places.Length; place++)
            name.Append(numbers[places[place]]).Append(literals[place + 1]);
        return name.ToString();
    }
}
