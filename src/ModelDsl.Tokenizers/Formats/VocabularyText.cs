using System.Text;
using System.Text.Unicode;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>
/// vocab.txt: a token on each line, its id the line's number from 0 (BERT's WordPiece). Whether the text is to be
/// lower-cased follows from the vocabulary: it is, where no token but the control tokens would change by it.
/// </summary>
internal static class VocabularyText
{
    private static readonly string[] Control = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    internal static bool Recognises(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text) || text.Contains((byte)0)) return false;
        foreach (var range in text.Split((byte)'\n'))
            if (text[range].TrimEnd((byte)'\r').SequenceEqual("[UNK]"u8)) return true;
        return false;
    }

    internal static TokenizerDefinition Read(ReadOnlySpan<byte> text, string source)
    {
        var tokens = new List<byte[]?>();
        var lines = new Dictionary<string, int>();
        string[] rows = Encoding.UTF8.GetString(text).Split('\n');
        int count = rows[^1].Length == 0 ? rows.Length - 1 : rows.Length;
        for (int i = 0; i < count; i++)
        {
            string token = rows[i].TrimEnd('\r');
            if (token.Length == 0) throw new InvalidDataException($"{source}: line {i + 1} is empty where a token is expected.");
            if (!lines.TryAdd(token, i)) throw new InvalidDataException($"{source}: line {i + 1} holds the token \"{token}\" of line {lines[token] + 1} again.");
            tokens.Add(Encoding.UTF8.GetBytes(token));
        }
        return Define(tokens, lines["[UNK]"], source);
    }

    /// <summary>BERT's tokenizer over a WordPiece vocabulary with the prefix ##.</summary>
    internal static TokenizerDefinition Define(IReadOnlyList<byte[]?> tokens, int unknown, string source)
    {
        var ids = new Dictionary<string, int>();
        for (int id = 0; id < tokens.Count; id++)
            if (tokens[id] is { } token) ids.TryAdd(Encoding.UTF8.GetString(token), id);
        bool cased = ids.Keys.Any(token => !(token.StartsWith('[') && token.EndsWith(']')) && token.ToLowerInvariant() != token);
        return new TokenizerDefinition
        {
            Source = source,
            Normalizer = new NormalizerDefinition.Bert(CleanText: true, HandleChineseCharacters: true, DropAccents: null, ToLower: !cased),
            PreTokenizer = new PreTokenizerDefinition.Bert(),
            Model = new WordPieceDefinition { Tokens = tokens, Unknown = unknown },
            PostProcessor = Template(ids),
            Decoder = new DecoderDefinition.WordPiece(),
            AddedTokens = [.. Control.Where(ids.ContainsKey).Select(token => new AddedToken(ids[token], token))],
        };
    }

    private static PostProcessorDefinition.Template? Template(Dictionary<string, int> ids)
    {
        if (!ids.TryGetValue("[CLS]", out int cls) || !ids.TryGetValue("[SEP]", out int sep)) return null;
        TemplatePiece begin = new(-1, 0, "[CLS]", [cls]), end = new(-1, 0, "[SEP]", [sep]);
        TemplatePiece first = new(0, 0, "", []), second = new(1, 1, "", []);
        return new PostProcessorDefinition.Template([begin, first, end], [begin, first, end, second, end with { Type = 1 }]);
    }
}
