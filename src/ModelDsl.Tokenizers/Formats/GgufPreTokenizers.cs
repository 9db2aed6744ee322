using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>The pre-tokenizers that GGUF files name by <c>tokenizer.ggml.pre</c>.</summary>
internal static class GgufPreTokenizers
{
    private static readonly PreTokenizerDefinition Bytes = new PreTokenizerDefinition.ByteLevel(AddPrefixSpace: false, UseRegex: false);
    private static readonly PreTokenizerDefinition Gpt2 = new PreTokenizerDefinition.ByteLevel(AddPrefixSpace: false, UseRegex: true);

    private const string Cased = @"\p{Lu}\p{Ll}\p{Lt}";

    private const string DeepSeekV3 =
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Tekken =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" +
        @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Those whose pieces are looked up whole before they are merged.
    private static readonly string[] IgnoringMerges = ["llama-bpe", "llama3", "llama-v3", "falcon3", "tekken"];

    private static readonly Dictionary<string, PreTokenizerDefinition> Known = new()
    {
        ["gpt-2"] = Gpt2, ["phi-2"] = Gpt2, ["olmo"] = Gpt2, ["mpt"] = Gpt2, ["jina-es"] = Gpt2, ["jina-de"] = Gpt2,
        ["jina-v2-es"] = Gpt2, ["jina-v2-de"] = Gpt2, ["roberta-bpe"] = Gpt2, ["gigachat"] = Gpt2, ["a.x-4.0"] = Gpt2, ["exaone"] = Digits(Gpt2),
        ["default"] = new PreTokenizerDefinition.Sequence(
        [
            Isolated(@"[\p{P}\$\+<=>\^~\|]+"), Isolated(SplitPatterns.Gpt2), Isolated(@"\p{N}+"), Isolated("[0-9][0-9][0-9]"), Bytes,
        ]),
        ["falcon"] = new PreTokenizerDefinition.Sequence(
        [
            new PreTokenizerDefinition.Punctuation(SplitBehavior.Contiguous), Gpt2, new PreTokenizerDefinition.Digits(Individual: false),
            Isolated("[0-9][0-9][0-9]"),
        ]),
        ["starcoder"] = Digits(Gpt2), ["refact"] = Digits(Gpt2), ["command-r"] = Digits(Gpt2), ["smollm"] = Digits(Gpt2),
        ["codeshell"] = Digits(Gpt2), ["minerva-7b"] = Digits(Gpt2), ["llama-bpe"] = Pattern(SplitPatterns.Llama3),
        ["llama3"] = Pattern(SplitPatterns.Llama3), ["llama-v3"] = Pattern(SplitPatterns.Llama3), ["falcon3"] = Pattern(SplitPatterns.Llama3),
        ["dbrx"] = Pattern(SplitPatterns.Llama3), ["smaug-bpe"] = Pattern(SplitPatterns.Llama3), ["chatglm-bpe"] = Pattern(SplitPatterns.Llama3),
        ["glm4"] = Pattern(SplitPatterns.Llama3), ["qwen2"] = Pattern(SplitPatterns.Qwen2), ["deepseek-r1-qwen"] = Pattern(SplitPatterns.Qwen2),
        ["stablelm2"] = Pattern(SplitPatterns.Qwen2), ["hunyuan"] = Pattern(SplitPatterns.Qwen2), ["gpt-4o"] = Pattern(SplitPatterns.O200K),
        ["llama4"] = Pattern(SplitPatterns.O200K), ["tekken"] = Pattern(Tekken),
        ["deepseek-v3"] = new PreTokenizerDefinition.Sequence([Isolated(@"\p{N}{1,3}"), Isolated("[一-龥぀-ゟ゠-ヿ]+"), Isolated(DeepSeekV3), Bytes]),
        ["deepseek-llm"] = new PreTokenizerDefinition.Sequence(
        [
            Isolated(@"[\r\n]"), Isolated($@"\s?[{Cased}]+"), Isolated(@"\s?\p{P}+"), Isolated(@"\s+$"), Isolated("[一-龥ࠀ-一가-퟿]+"),
            new PreTokenizerDefinition.Digits(Individual: true), Bytes,
        ]),
        ["deepseek-coder"] = new PreTokenizerDefinition.Sequence(
        [
            Isolated(@"[\r\n]"), Isolated(@"\s?\p{L}+"), Isolated(@"\s?\p{P}+"), Isolated("[一-龥ࠀ-一가-퟿]+"),
            new PreTokenizerDefinition.Digits(Individual: true), Bytes,
        ]),
    };

    internal static bool IgnoresMerges(string name) => IgnoringMerges.Contains(name);

    /// <exception cref="NotSupportedException">The name is none of the known ones.</exception>
    internal static PreTokenizerDefinition Get(string name, string source) => Known.TryGetValue(name, out var known)
        ? known
        : throw new NotSupportedException($"{source}: the pre-tokenizer \"{name}\" (tokenizer.ggml.pre) is not supported; supported are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}.");

    private static PreTokenizerDefinition Isolated(string pattern) => new PreTokenizerDefinition.Split(pattern, IsRegex: true, SplitBehavior.Isolated);

    private static PreTokenizerDefinition Pattern(string pattern) => new PreTokenizerDefinition.Sequence([Isolated(pattern), Bytes]);

    private static PreTokenizerDefinition Digits(PreTokenizerDefinition next) =>
        new PreTokenizerDefinition.Sequence([new PreTokenizerDefinition.Digits(Individual: true), next]);
}
