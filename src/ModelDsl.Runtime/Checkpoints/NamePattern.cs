using System.Text;

namespace ModelDsl.Runtime;

/// <summary>A weight name with places for numbers: "Blocks.{i}.Norm.Scale" matches "Blocks.11.Norm.Scale" with i = 11.</summary>
internal sealed class NamePattern
{
    private readonly string[] _literals;
    private readonly string[] _places;

    public NamePattern(string text)
    {
        string[] pieces = text.Split('{', '}');
        if (pieces.Length % 2 == 0)
            throw new ArgumentException($"The pattern '{text}' has a brace without its pair.");
        _literals = [.. pieces.Where((_, i) => i % 2 == 0)];
        _places = [.. pieces.Where((_, i) => i % 2 == 1)];
    }

    /// <summary>The numbers in <paramref name="name"/> by their places, or null where it does not match.</summary>
    public Dictionary<string, string>? Match(string name)
    {
        var numbers = new Dictionary<string, string>();
        if (!name.StartsWith(_literals[0], StringComparison.Ordinal))
            return null;
        int at = _literals[0].Length;
        for (int place = 0; place < _places.Length; place++)
        {
            int end = at;
            while (end < name.Length && char.IsAsciiDigit(name[end]))
                end++;
            string number = name[at..end];
            if (number.Length == 0 || numbers.TryGetValue(_places[place], out string? before) && before != number)
                return null;
            numbers[_places[place]] = number;
            if (!name.AsSpan(end).StartsWith(_literals[place + 1], StringComparison.Ordinal))
                return null;
            at = end + _literals[place + 1].Length;
        }
        return at == name.Length ? numbers : null;
    }

    /// <summary>The pattern with numbers in its places.</summary>
    public string Fill(Dictionary<string, string> numbers)
    {
        var name = new StringBuilder(_literals[0]);
        for (int place = 0; place < _places.Length; place++)
            name.Append(numbers[_places[place]]).Append(_literals[place + 1]);
        return name.ToString();
    }
}
