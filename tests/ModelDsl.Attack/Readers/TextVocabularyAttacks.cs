using System.Text;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Tokenizers.Tests;

namespace ModelDsl.Attacks.Readers;

internal sealed class TiktokenAttack : TokenizerFileAttack
{
    private readonly ByteMutator _mutator = new([Small("ranks.tiktoken")], "YWI= 256\n", "YWJj 257\n", " ", "\n", "\r\n", "=", "AAAA", "\uFEFF", "//// 258\n");

    public override string Name => "tiktoken";

    public override string Description => "mutated tiktoken ranks";

    public override string Extension => "tiktoken";

    public override byte[] Create(Random random) => _mutator.Next(random);
}

internal sealed class VocabularyTextAttack : TokenizerFileAttack
{
    private readonly ByteMutator _mutator = new([Small("vocab.txt")], "[UNK]\n", "[CLS]\n", "##a\n", "##", "\n", "\r\n", "\u2581", "\uFEFF", "a\n", "é\n");

    public override string Name => "vocab";

    public override string Description => "mutated vocab.txt";

    public override string Extension => "txt";

    public override byte[] Create(Random random) => _mutator.Next(random);
}

/// <summary>tokenizer.json changed within JSON's grammar, and as bytes.</summary>
internal sealed class TokenizerJsonAttack : TokenizerFileAttack
{
    // Patterns are a language of their own.
    private static readonly string[] s_patterns =
    [
        "(", ")", "((", "))", "(?:", "(?=", "(?!", "(?<=", "(?i)", "[", "]", "[^", "{255}", "{0,255}", "{1000000}", "{,}", "*", "+", "?", "|", "\\", "\\p{L}", "\\p{", "\\s+(?!\\S)", ".", "^", "$", "\\x{110000}", "[z-a]", "(a|b|ab)*c",
        "(((a{9}){9}){9}){9}", "((((a){255}){255}){255}){255}", "(?:(?:a?){30}a{30})", "[\\p{L}\\p{M}--\\p{Lu}]", "\\uD800", "\\p{Script=Han}",
    ];

    private static readonly string[] s_types =
    [
        "BPE", "Unigram", "WordPiece", "WordLevel", "Replace", "Prepend", "Lowercase", "NFC", "NFKD", "StripAccents", "BertNormalizer", "Strip", "Nmt", "Precompiled", "Sequence", "ByteLevel", "Metaspace", "Split", "Digits", "Punctuation", "Whitespace",
        "WhitespaceSplit", "BertPreTokenizer", "CharDelimiterSplit", "ByteFallback", "Fuse", "TemplateProcessing", "RobertaProcessing", "BertProcessing", "Isolated", "MergedWithNext", "Contiguous", "Removed",
    ];

    private readonly JsonMutator _json = new([SmallVocabularies.Json, .. TokenizerDocuments.All], [.. s_patterns, .. s_types, "a", "b", "ab", "<|end|>", "\u2581a"]);
    private readonly ByteMutator _bytes = new(
        [.. TokenizerDocuments.All.Append(SmallVocabularies.Json).Select(Encoding.UTF8.GetBytes)],
        [.. s_patterns.Select(pattern => pattern.Replace("\\", "\\\\")), .. s_types, "\\ud800", "\"\\udfff\":", "\"a\": 1e999", "{\"type\":\"Sequence\",\"normalizers\":[", "[", "{\"a\":", "]}", "\"id\": 16777215"]);

    public override string Name => "tokenizer-json";

    public override string Description => "mutated tokenizer.json: components, patterns, vocabularies, bytes";

    public override string Extension => "json";

    public override int Weight => 4;

    public override byte[] Create(Random random) => random.Next(3) switch
    {
        0 => _bytes.Next(random),
        1 => _json.Next(random),
        _ => _bytes.Change(_json.Next(random), random),
    };
}
