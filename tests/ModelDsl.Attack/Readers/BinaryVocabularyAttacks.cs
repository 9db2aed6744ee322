using System.Text;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Tokenizers.Tests;

namespace ModelDsl.Attacks.Readers;

internal sealed class SentencePieceAttack : TokenizerFileAttack
{
    private readonly ByteMutator _mutator = new([SmallVocabularies.SentencePiece(1), SmallVocabularies.SentencePiece(2), SmallVocabularies.SentencePiece(3), SmallVocabularies.SentencePiece(4)],
    [
        [0x0A, 8, 0x0A, 1, (byte)'x', 0x15, 0, 0, 0x80, 0x7F], [0x0A, 7, 0x0A, 5, .. "<unk>"u8], [0x18, 2], [0x12, 0], [0x1A, 0], "\u2581"u8.ToArray(), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xED, 0xA0, 0x80],
    ]);

    public override string Name => "sentencepiece";

    public override string Description => "mutated SentencePiece models";

    public override string Extension => "model";

    public override byte[] Create(Random random) => _mutator.Next(random);
}

internal sealed class GgufAttack : TokenizerFileAttack
{
    private static readonly string[] s_words =
    [
        "tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.merges", "tokenizer.ggml.token_type", "llama", "bert", "t5", "gpt2", "default", "falcon", "deepseek-v3", "tekken",
        "\u0009\0\0\0\u0008\0\0\0", "\u0008\0\0\0", "\u0001\0\0\0\0\0\0\0a",
    ];

    private readonly ByteMutator _mutator = new(
        [Small("vocab.gguf"), .. new[] { "llama", "t5", "bert", "gpt2" }.Select(model => GgufFile.Build(model))], s_words);

    public override string Name => "gguf";

    public override string Description => "mutated GGUF files with vocabularies of every kind";

    public override string Extension => "gguf";

    public override byte[] Create(Random random) => _mutator.Next(random);
}

/// <summary>Writes the metadata of GGUF files.</summary>
internal static class GgufFile
{
    /// <summary>A vocabulary with all keys that readers ask for.</summary>
    public static byte[] Build(string model)
    {
        var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        string[] tokens = ["<unk>", "<s>", "</s>", "<0x41>", "[UNK]", "a", "b", "ab", "\u2581", "\u2581a", "##ld", "hello"];
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write(0UL);
        writer.Write(11UL);
        Text("tokenizer.ggml.model", model);
        Text("tokenizer.ggml.pre", "llama-bpe");
        List("tokenizer.ggml.tokens", 8, tokens, token => Text(token));
        List("tokenizer.ggml.scores", 6, tokens, token => writer.Write(-(float)token.Length));
        List("tokenizer.ggml.token_type", 5, tokens, token => writer.Write(token == "<unk>" ? 2 : token is "<s>" or "</s>" ? 3 : token == "<0x41>" ? 6 : 1));
        List("tokenizer.ggml.merges", 8, ["a b"], merge => Text(merge));
        Number("tokenizer.ggml.unknown_token_id", 0);
        Number("tokenizer.ggml.bos_token_id", 1);
        Number("tokenizer.ggml.eos_token_id", 2);
        Flag("tokenizer.ggml.add_bos_token");
        Flag("tokenizer.ggml.add_space_prefix");
        return file.ToArray();

        void Text(params ReadOnlySpan<string> texts)
        {
            for (int i = 0; i < texts.Length; i++)
            {
                byte[] bytes = Encoding.UTF8.GetBytes(texts[i]);
                if (i == 1)
                    writer.Write(8);
                writer.Write((ulong)bytes.Length);
                writer.Write(bytes);
            }
        }
        void List(string key, int type, string[] items, Action<string> write)
        {
            Text(key);
            writer.Write(9);
            writer.Write(type);
            writer.Write((ulong)items.Length);
            foreach (string item in items)
                write(item);
        }
        void Number(string key, uint value)
        {
            Text(key);
            writer.Write(4);
            writer.Write(value);
        }
        void Flag(string key)
        {
            Text(key);
            writer.Write(7);
            writer.Write((byte)1);
        }
    }
}
