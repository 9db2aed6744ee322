using System.Text.RegularExpressions;

namespace ModelDsl.Attacks.Mutation;

/// <summary>Edits text as a person who types does, and worse: tokens removed, swapped, doubled, replaced, and the end cut off.</summary>
/// <param name="words">Tokens to insert besides those of the text.</param>
internal sealed partial class TokenMutator(IReadOnlyList<string> words)
{
    public string Change(string text, Random random)
    {
        var tokens = Tokens().Matches(text).Select(match => match.Value).ToList();
        for (int changes = 1 + (random.Next(2) == 0 ? 0 : random.Next(6)); changes > 0 && tokens.Count > 0; changes--)
            Once(tokens, random);
        string changed = string.Concat(tokens);
        return random.Next(5) == 0 ? changed[..random.Next(changed.Length + 1)] : changed;
    }

    private void Once(List<string> tokens, Random random)
    {
        int at = random.Next(tokens.Count);
        while (string.IsNullOrWhiteSpace(tokens[at]) && at < tokens.Count - 1)
            at++;
        int other = random.Next(tokens.Count), length = Math.Min(1 + random.Next(8), tokens.Count - at);
        switch (random.Next(8))
        {
            case 0: tokens.RemoveAt(at); break;
            case 1: tokens.RemoveRange(at, length); break;
            case 2: (tokens[at], tokens[other]) = (tokens[other], tokens[at]); break;
            case 3: tokens.InsertRange(at, tokens.GetRange(at, length)); break;
            case 4: tokens[at] = tokens[other]; break;
            case 5: tokens.InsertRange(other, tokens.GetRange(at, length)); break;
            case 6 when words.Count > 0: tokens[at] = words[random.Next(words.Count)]; break;
            default: tokens.Insert(at, words.Count > 0 ? words[random.Next(words.Count)] : tokens[other]); break;
        }
    }

    [GeneratedRegex(@"\s+|\w+|.", RegexOptions.Singleline)]
    private static partial Regex Tokens();
}
