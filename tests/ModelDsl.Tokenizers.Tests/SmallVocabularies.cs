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

    internal static byte[] Gguf()
    {
        var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        void Text(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            writer.Write((ulong)bytes.Length);
            writer.Write(bytes);
        }
        void Texts(string key, params string[] texts)
        {
            Text("tokenizer.ggml." + key);
            writer.Write(9);
            writer.Write(8);
            writer.Write((ulong)texts.Length);
            foreach (string text in texts) Text(text);
        }
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write(0UL);
        writer.Write(5UL);
        Text("tokenizer.ggml.model");
        writer.Write(8);
        Text("gpt2");
        Text("tokenizer.ggml.pre");
        writer.Write(8);
        Text("gpt-2");
        Texts("tokens", "a", "b", "ab", "<|end|>");
        Texts("merges", "a b");
        Text("tokenizer.ggml.token_type");
        writer.Write(9);
        writer.Write(5);
        writer.Write(4UL);
        foreach (int type in new[] { 1, 1, 1, 3 }) writer.Write(type);
        return file.ToArray();
    }

    internal static IEnumerable<(string Name, byte[] Content)> All =>
    [
        ("tokenizer.json", Encoding.UTF8.GetBytes(Json)), ("ranks.tiktoken", Encoding.UTF8.GetBytes(Ranks)), ("vocab.txt", Encoding.UTF8.GetBytes(Words)),
        ("unigram.model", SentencePiece(1)), ("bpe.model", SentencePiece(2)), ("vocab.gguf", Gguf()),
    ];
}
