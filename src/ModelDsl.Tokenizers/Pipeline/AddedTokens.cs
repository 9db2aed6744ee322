using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Normalizing;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>The added tokens, sorted by where they are looked for and whether special ones are wanted.</summary>
internal sealed class AddedTokens
{
    private readonly AddedTokenFinder raw, rawOrdinary, normalized, normalizedOrdinary;
    private readonly HashSet<int> special = [];
    private readonly Dictionary<string, int> ids = [];

    internal AddedTokens(IReadOnlyList<AddedToken> tokens, IReadOnlyList<Normalizer> normalizers)
    {
        foreach (var token in tokens)
        {
            ids.TryAdd(token.Content, token.Id);
            if (token.Special) special.Add(token.Id);
        }
        raw = Finder(tokens.Where(token => !token.Normalized), []);
        rawOrdinary = Finder(tokens.Where(token => !token.Normalized && !token.Special), []);
        normalized = Finder(tokens.Where(token => token.Normalized), normalizers);
        normalizedOrdinary = Finder(tokens.Where(token => token.Normalized && !token.Special), normalizers);
    }

    internal AddedTokenFinder InRawText(SpecialTokens wanted) => wanted == SpecialTokens.All ? raw : rawOrdinary;

    internal AddedTokenFinder InNormalizedText(SpecialTokens wanted) => wanted == SpecialTokens.All ? normalized : normalizedOrdinary;

    internal bool IsSpecial(int id) => special.Contains(id);

    internal int? IdOf(string content) => ids.TryGetValue(content, out int id) ? id : null;

    // A token that is looked for in normalised text is normalised itself.
    private static AddedTokenFinder Finder(IEnumerable<AddedToken> tokens, IReadOnlyList<Normalizer> normalizers) => new(tokens.Select(token =>
    {
        var text = new NormalizedText();
        text.Reset(Encoding.UTF8.GetBytes(token.Content), 0, tracksSources: false);
        foreach (var normalizer in normalizers) normalizer.Apply(text);
        return (token, text.Text.ToArray());
    }));
}
