using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Training;

/// <summary>The pieces that training begins with: every character, and the substrings of words that cover most text.</summary>
internal static class UnigramSeed
{
    internal static List<UnigramPiece> Build(UnigramWords words, int size, int longest)
    {
        var substrings = new PieceCounter();
        var characters = new PieceCounter();
        for (int w = 0; w < words.Texts.Length; w++)
        {
            var word = words.Texts[w].AsSpan();
            if (!System.Text.Unicode.Utf8.IsValid(word)) continue;
            var bounds = UnigramWords.Characters(word);
            for (int i = 0; i + 1 < bounds.Count; i++)
            {
                characters.Add(word[bounds[i]..bounds[i + 1]], words.Counts[w]);
                for (int j = i + 2; j < bounds.Count && j - i <= longest; j++) substrings.Add(word[bounds[i]..bounds[j]], words.Counts[w]);
            }
        }
        var seed = new List<(byte[] Text, double Weight, bool Required)>();
        foreach (int piece in characters.Sorted()) seed.Add((characters[piece].ToArray(), characters.Occurrences(piece), true));
        var best = substrings.Sorted().Where(piece => substrings.Occurrences(piece) > 1)
            .OrderByDescending(piece => substrings.Occurrences(piece) * UnigramWords.Characters(substrings[piece]).Count) // stable: ties in the order of the bytes
            .Take(Math.Max(0, size - seed.Count));
        foreach (int piece in best) seed.Add((substrings[piece].ToArray(), substrings.Occurrences(piece) * (double)UnigramWords.Characters(substrings[piece]).Count, false));
        double logTotal = Math.Log(seed.Sum(piece => piece.Weight));
        return [.. seed.Select(piece => new UnigramPiece(piece.Text, Math.Log(piece.Weight) - logTotal, piece.Required))];
    }
}
