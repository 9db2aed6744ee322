using System.Text;
using System.Text.Unicode;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>The vocabulary inside a GGUF file: SentencePiece BPE ("llama"), byte-level BPE ("gpt2"), WordPiece ("bert") and Unigram ("t5").</summary>
internal sealed class GgufVocabulary
{
    private readonly Dictionary<string, object> values;
    private readonly string source;
    private readonly List<byte[]> tokens;
    private readonly List<SentencePieceType> types;

    private GgufVocabulary(Stream stream, string source, TokenizerLimits limits)
    {
        this.source = source;
        values = new GgufReader(stream, source, limits).Read();
        tokens = [.. List("tokens").Select(token => token as byte[] ?? throw Error("tokens", "does not hold strings"))];
        if (tokens.FindIndex(token => !Utf8.IsValid(token)) is var broken and >= 0) throw Error("tokens", $"holds a token at {broken} that is not valid UTF-8");
        types = Has("token_type") ? [.. List("token_type").Select(type => (SentencePieceType)ToLong(type, "token_type"))] : [.. tokens.Select(_ => SentencePieceType.Normal)];
        if (types.Count != tokens.Count) throw Error("token_type", $"has {types.Count} items for {tokens.Count} tokens");
    }

    internal static TokenizerDefinition Read(string path, TokenizerLimits limits)
    {
        using var stream = new BufferedStream(File.OpenRead(path), 1 << 16);
        return new GgufVocabulary(stream, Path.GetFileName(path), limits).Define() with { Limits = limits };
    }

    internal static TokenizerDefinition Read(byte[] content, string source, TokenizerLimits limits) => new GgufVocabulary(new MemoryStream(content), source, limits).Define();

    private TokenizerDefinition Define() => Text("model") switch
    {
        "llama" => DefineSentencePiece(pieces => pieces.Bpe(byteFallback: true, merges: null)),
        "t5" => DefineSentencePiece(pieces => pieces.Unigram(byteFallback: false)),
        "gpt2" => DefineByteLevel(),
        "bert" => DefineWordPiece(),
        var other => throw new NotSupportedException($"{source}: the tokenizer \"{other}\" (tokenizer.ggml.model) is not supported; supported are llama, gpt2, bert and t5."),
    };

    private TokenizerDefinition DefineSentencePiece(Func<SentencePieces, ModelDefinition> model)
    {
        var pieces = new SentencePieces(source);
        var scores = List("scores");
        if (scores.Count != tokens.Count) throw Error("scores", $"has {scores.Count} items for {tokens.Count} tokens");
        int unknown = Has("unknown_token_id") ? Id("unknown_token_id") : types.IndexOf(SentencePieceType.Unknown);
        for (int id = 0; id < tokens.Count; id++)
        {
            // Converters also give the type unknown to tokens that only pad the vocabulary: those are control tokens.
            var type = id == unknown ? SentencePieceType.Unknown : types[id] == SentencePieceType.Unknown ? SentencePieceType.Control : types[id];
            pieces.Add(tokens[id], scores[id] is double score ? score : throw Error("scores", "does not hold floats"), type);
        }
        bool prefix = Flag("add_space_prefix", true);
        var normalizers = new List<NormalizerDefinition>();
        if (values.TryGetValue("tokenizer.ggml.precompiled_charsmap", out var map) && map is List<object> { Count: > 0 } bytes)
            normalizers.Add(new NormalizerDefinition.Precompiled([.. bytes.Select(b => (byte)ToLong(b, "precompiled_charsmap"))]));
        if (Flag("remove_extra_whitespaces", false)) normalizers.Add(new NormalizerDefinition.CollapseSpaces());
        if (prefix) normalizers.Add(new NormalizerDefinition.Prepend("\u2581"));
        normalizers.Add(new NormalizerDefinition.Replace(" ", false, "\u2581"));
        return new TokenizerDefinition
        {
            Source = source,
            Normalizer = new NormalizerDefinition.Sequence(normalizers),
            Model = model(pieces),
            PostProcessor = Template(),
            Decoder = SentencePieces.Decoder(prefix),
            AddedTokens = pieces.AddedTokens,
        };
    }

    private TokenizerDefinition DefineByteLevel()
    {
        string pre = Has("pre") ? Text("pre") : "default";
        var ids = new Dictionary<string, int>();
        var vocabulary = new List<byte[]?>();
        HashSet<int> reserved = [], literal = [];
        var added = new List<AddedToken>();
        for (int id = 0; id < tokens.Count; id++)
        {
            string text = Encoding.UTF8.GetString(tokens[id]);
            if (!ids.TryAdd(text, id)) throw Error("tokens", $"holds the token \"{text}\" at {ids[text]} and at {id}");
            var bytes = ByteAlphabet.ToBytes(text);
            if (bytes is null) literal.Add(id);
            vocabulary.Add(bytes ?? tokens[id]);
            if (types[id] == SentencePieceType.Normal) continue;
            reserved.Add(id);
            if (types[id] is SentencePieceType.Control or SentencePieceType.UserDefined or SentencePieceType.Unknown)
                added.Add(new AddedToken(id, text, Special: types[id] != SentencePieceType.UserDefined));
        }
        return new TokenizerDefinition
        {
            Source = source,
            PreTokenizer = GgufPreTokenizers.Get(pre, source),
            Model = new BpeDefinition
            {
                Tokens = vocabulary, Merges = Merges(ids), ByteLevel = true, Reserved = reserved, Literal = literal,
                IgnoreMerges = GgufPreTokenizers.IgnoresMerges(pre),
            },
            PostProcessor = Template(),
            Decoder = new DecoderDefinition.ByteLevel(),
            AddedTokens = added,
        };
    }

    private List<BpeMerge> Merges(Dictionary<string, int> ids)
    {
        var merges = new List<BpeMerge>();
        foreach (var item in List("merges"))
        {
            string merge = Encoding.UTF8.GetString(item as byte[] ?? throw Error("merges", "does not hold strings"));
            int space = merge.IndexOf(' ', Math.Min(1, merge.Length)); // the first symbol may itself be a space
            if (space < 0) throw Error("merges", $"holds \"{merge}\" at {merges.Count}, which is not two tokens with a space between");
            string left = merge[..space], right = merge[(space + 1)..];
            int Id(string token) => ids.TryGetValue(token, out int id) ? id : throw Error("merges", $"names \"{token}\" at {merges.Count}, which is not in the vocabulary");
            merges.Add(new BpeMerge(Id(left), Id(right), Id(left + right)));
        }
        return merges;
    }

    // GGUF writes the beginning of a word as a Metaspace and drops the ## of continuations.
    private TokenizerDefinition DefineWordPiece()
    {
        bool marked = tokens.Any(token => token.AsSpan().StartsWith("\u2581"u8) && token.Length > 3);
        var vocabulary = new List<byte[]?>();
        for (int id = 0; id < tokens.Count; id++)
        {
            var token = tokens[id];
            bool plain = !marked || types[id] is SentencePieceType.Control or SentencePieceType.Unknown || token is [(byte)'[', .., (byte)']'];
            vocabulary.Add(plain ? token : token.AsSpan().StartsWith("\u2581"u8) ? token[3..] : [.. "##"u8, .. token]);
        }
        int unknown = Has("unknown_token_id") ? Id("unknown_token_id") : vocabulary.FindIndex(token => token.AsSpan().SequenceEqual("[UNK]"u8));
        if (unknown < 0) throw Error("unknown_token_id", "is missing, and there is no token [UNK]");
        return VocabularyText.Define(vocabulary, unknown, source);
    }

    private PostProcessorDefinition.Template? Template()
    {
        var single = new List<TemplatePiece>();
        if (Flag("add_bos_token", false)) single.Add(Special("bos_token_id"));
        single.Add(new TemplatePiece(0, 0, "", []));
        if (Flag("add_eos_token", false)) single.Add(Special("eos_token_id"));
        return single.Count == 1 ? null : new PostProcessorDefinition.Template(single, [.. single, new TemplatePiece(1, 1, "", [])]);
    }

    private TemplatePiece Special(string key) => new(-1, 0, Encoding.UTF8.GetString(tokens[Id(key)]), [Id(key)]);

    private int Id(string key)
    {
        long id = ToLong(Get(key), key);
        return id >= 0 && id < tokens.Count ? (int)id : throw Error(key, $"is {id}, and there are {tokens.Count} tokens");
    }

    private bool Has(string key) => values.ContainsKey("tokenizer.ggml." + key);

    private object Get(string key) => values.TryGetValue("tokenizer.ggml." + key, out var value) ? value : throw Error(key, "is missing: the file holds no vocabulary");

    private List<object> List(string key) => Get(key) as List<object> ?? throw Error(key, "is not a list");

    private string Text(string key) => Encoding.UTF8.GetString(Get(key) as byte[] ?? throw Error(key, "is not a string"));

    private bool Flag(string key, bool fallback) => !Has(key) ? fallback : Get(key) is bool flag ? flag : throw Error(key, "is not true or false");

    private long ToLong(object value, string key) => value switch
    {
        long number => number,
        ulong number and <= long.MaxValue => (long)number,
        _ => throw Error(key, "does not hold integers"),
    };

    private InvalidDataException Error(string key, string what) => new($"{source}: tokenizer.ggml.{key} {what}.");
}
