using System.Text;
using System.Text.Json;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>Reads tokenizer.json; every error names the file and the path within it.</summary>
internal sealed partial class TokenizerJsonReader(string source)
{
    internal TokenizerDefinition Read(ReadOnlyMemory<byte> json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = false, MaxDepth = 64 });
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{source}: not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: {error.Message}", error);
        }
        using (document)
        {
            var root = new JsonPlace(document.RootElement, source, "");
            if (!root.Has("model")) throw root.Error("has no \"model\": this is not a tokenizer.json");
            var preTokenizer = ReadOptional(root, "pre_tokenizer", ReadPreTokenizer);
            var normalizer = ReadOptional(root, "normalizer", ReadNormalizer);
            var decoder = ReadOptional(root, "decoder", ReadDecoder);
            bool byteLevel = HasByteLevel(preTokenizer) || HasByteLevel(normalizer) || decoder is DecoderDefinition.ByteLevel;
            var model = ReadModel(root["model"], byteLevel);
            var addedTokens = ReadAddedTokens(root);
            return new TokenizerDefinition
            {
                Source = source,
                IsComplete = true,
                Normalizer = normalizer,
                PreTokenizer = preTokenizer,
                Model = model,
                PostProcessor = ReadOptional(root, "post_processor", place => ReadPostProcessor(place, model, addedTokens)),
                Decoder = decoder,
                AddedTokens = addedTokens,
            };
        }
    }

    private static T? ReadOptional<T>(JsonPlace root, string name, Func<JsonPlace, T> read) where T : class =>
        root.Has(name) ? read(root[name]) : null;

    private static bool HasByteLevel(PreTokenizerDefinition? definition) => definition switch
    {
        PreTokenizerDefinition.ByteLevel => true,
        PreTokenizerDefinition.Sequence sequence => sequence.Items.Any(HasByteLevel),
        _ => false,
    };

    private static bool HasByteLevel(NormalizerDefinition? definition) => definition switch
    {
        NormalizerDefinition.ByteLevel => true,
        NormalizerDefinition.Sequence sequence => sequence.Items.Any(HasByteLevel),
        _ => false,
    };

    private static List<AddedToken> ReadAddedTokens(JsonPlace root)
    {
        var tokens = new List<AddedToken>();
        if (!root.Has("added_tokens")) return tokens;
        var contents = new Dictionary<int, string>();
        foreach (var place in root["added_tokens"].Items())
        {
            var token = new AddedToken(
                place["id"].Id(), place["content"].String(), place.Flag("special", false), place.Flag("single_word", false),
                place.Flag("lstrip", false), place.Flag("rstrip", false), place.Flag("normalized", !place.Flag("special", false)));
            if (token.Content.Length == 0) continue; // Hugging Face's reader ignores it too
            if (!contents.TryAdd(token.Id, token.Content) && contents[token.Id] != token.Content)
                throw place.Error($"gives the id {token.Id} to \"{token.Content}\", which \"{contents[token.Id]}\" has already");
            tokens.Add(token);
        }
        return tokens;
    }

    private NotSupportedException Unsupported(JsonPlace place, string kind, string type, string supported) =>
        new($"{source}: {place.Path}: the {kind} \"{type}\" is not supported; supported are {supported}.");
}
