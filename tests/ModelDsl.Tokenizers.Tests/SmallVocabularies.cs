using System.Text;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>A small file of each format, made here.</summary>
internal static class SmallVocabularies
{
    internal const string Json = """
        {
          "version": "1.0",
          "added_tokens": [
            { "id": 7, "content": "<|end|>", "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false }
          ],
          "normalizer": { "type": "NFC" },
          "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "use_regex": true },
          "post_processor": { "type": "TemplateProcessing", "single": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "<|end|>", "type_id": 0 } }], "pair": [], "special_tokens": { "<|end|>": { "id": "<|end|>", "ids": [7], "tokens": ["<|end|>"] } } },
          "decoder": { "type": "ByteLevel" },
          "model": { "type": "BPE", "vocab": { "a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "Ġ": 5, "Ġa": 6 }, "merges": ["a b", ["ab", "c"], "Ġ a"] }
        }
        """;

    internal static readonly string Ranks = string.Concat(Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}\n")) + "YWI= 256\n";

    internal const string Words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nwor\n##ld\n";

    internal static byte[] SentencePiece(int modelType)
    {
        var model = new List<byte>();
        (string, float, byte)[] pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("\u2581", -3, 1), ("a", -2, 1), ("b", -2.5f, 1), ("\u2581a", -1, 1), ("ab", -1.5f, 1), ("<x>", 0, 4)];
        foreach (var (text, score, type) in pieces)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            byte[] piece = [0x0A, (byte)bytes.Length, .. bytes, 0x15, .. BitConverter.GetBytes(score), 0x18, type];
            model.AddRange([0x0A, (byte)piece.Length, .. piece]);
        }
        model.AddRange([0x12, 2, 0x18, (byte)modelType]); // trainer_spec { model_type }
        model.AddRange([0x1A, 2, 0x20, 0]); // normalizer_spec { remove_extra_whitespaces: false }
        return [.. model];
    }

    internal static byte[] Gguf() => new GgufFile()
        .Text("model", "gpt2").Text("pre", "gpt-2").Texts("tokens", "a", "b", "ab", "<|end|>").Texts("merges", "a b").Integers("token_type", 1, 1, 1, 3).Bytes();

    /// <summary>SentencePiece tokens in GGUF; two that only pad the vocabulary have the type unknown, as in Phi-3's.</summary>
    internal static byte[] PaddedGguf() => new GgufFile()
        .Text("model", "llama").Texts("tokens", "<unk>", "\u2581", "a", "\u2581a", "[PAD4]", "[PAD5]").Floats("scores", -1000, -2, -2, -1, -1000, -1000)
        .Integers("token_type", 3, 1, 1, 1, 2, 2).Integer("unknown_token_id", 0).Bytes();

    internal static IEnumerable<(string Name, byte[] Content)> All =>
    [
        ("tokenizer.json", Encoding.UTF8.GetBytes(Json)), ("ranks.tiktoken", Encoding.UTF8.GetBytes(Ranks)), ("vocab.txt", Encoding.UTF8.GetBytes(Words)),
        ("unigram.model", SentencePiece(1)), ("bpe.model", SentencePiece(2)), ("vocab.gguf", Gguf()),
    ];
}
