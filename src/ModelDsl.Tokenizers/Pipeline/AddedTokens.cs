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

    internal AddedTokens(TokenizerDefinition definition, IReadOnlyList<Normalizer> normalizers)
    {
        var tokens = definition.AddedTokens;
        AddedTokenFinder Finder(Func<AddedToken, bool> wanted, IReadOnlyList<Normalizer> steps) => new(tokens.Where(wanted).Select(token => (token, Normalize(token, steps, definition.Limits))));
        foreach (var token in tokens)
        {
            ids.TryAdd(token.Content, token.Id);
            if (token.Special) special.Add(token.Id);
        }
        raw = Finder(token => !token.Normalized, []);
        rawOrdinary = Finder(token => !token.Normalized && !token.Special, []);
        normalized = Finder(token => token.Normalized, normalizers);
        normalizedOrdinary = Finder(token => token.Normalized && !token.Special, normalizers);
    }

    internal AddedTokenFinder InRawText(SpecialTokens wanted) => wanted == SpecialTokens.All ? raw : rawOrdinary;

    internal AddedTokenFinder InNormalizedText(SpecialTokens wanted) => wanted == SpecialTokens.All ? normalized : normalizedOrdinary;

    internal bool IsSpecial(int id) => special.Contains(id);

    internal int? IdOf(string content) => ids.TryGetValue(content, out int id) ? id : null;

    // A token that is looked for in normalised text is normalised itself.
    private static byte[] Normalize(AddedToken token, IReadOnlyList<Normalizer> normalizers, TokenizerLimits limits)
    {
        byte[] content = Encoding.UTF8.GetBytes(token.Content);
        if (normalizers.Count == 0) return content;
        var text = new NormalizedText();
        text.Reset(content, 0, tracksSources: false, limits);
        foreach (var normalizer in normalizers) normalizer.Apply(text);
        return text.Text.ToArray();
    }
}
