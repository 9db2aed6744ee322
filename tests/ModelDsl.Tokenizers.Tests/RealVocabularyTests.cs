using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Normalizing;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>Ids, texts and tables that the vocabularies' own tools gave.</summary>
public partial class RealVocabularyTests
{
    [DataTheory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("falcon")]
    [InlineData("bert-bge")]
    public void LlamaCppTexts(string name) => EncodesAsLlamaCppDoes(name);

    /// <summary>A vocabulary with 53 padding tokens of the type unknown.</summary>
    [DataFact("tokenizers/llama-cpp-vocab/ggml-vocab-phi-3.gguf")]
    public void Phi3Texts() => EncodesAsLlamaCppDoes("phi-3");

    private static void EncodesAsLlamaCppDoes(string name)
    {
        string stem = $"tokenizers/llama-cpp-vocab/ggml-vocab-{name}.gguf";
        var tokenizer = Tokenizer.Load(TestData.Path(stem));
        string[] texts = Encoding.UTF8.GetString(TestData.Bytes(stem + ".inp")).Split("\n__ggml_vocab_test__\n");
        string[] expected = Encoding.UTF8.GetString(TestData.Bytes(stem + ".out")).TrimEnd('\n').Split('\n');
        Assert.Equal(46, expected.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(expected[i].Trim() == string.Join(' ', tokenizer.Encode(texts[i])),
                $"text {i}: {JsonSerializer.Serialize(texts[i])}\nexpected {expected[i].Trim()}\nactual   {string.Join(' ', tokenizer.Encode(texts[i]))}");
    }

    [DataTheory]
    [InlineData("r50k_base", 64)]
    [InlineData("cl100k_base", 64)]
    public void TiktokenPlans(string name, int plans)
    {
        var tokenizer = Tokenizer.Load(TestData.Path($"tokenizers/tiktoken/{name}.tiktoken"));
        string text = Encoding.UTF8.GetString(TestData.Bytes("tokenizers/tiktoken/gpt-tokenizer.TestPlans.txt"));
        var cases = Plan().Matches(text).Where(plan => plan.Groups[1].Value == name).ToArray();
        Assert.Equal(plans, cases.Length);
        foreach (var plan in cases)
        {
            int[] expected = JsonSerializer.Deserialize<int[]>(plan.Groups[3].Value)!;
            Assert.Equal(expected, tokenizer.Encode(plan.Groups[2].Value, SpecialTokens.All));
            Assert.Equal(plan.Groups[2].Value, tokenizer.Decode(expected));
        }
    }

    [GeneratedRegex(@"EncodingName: (\S+)\nSample: (.*?)\nEncoded: (\[[^\]]*\])", RegexOptions.Singleline)]
    private static partial Regex Plan();

    [DataTheory]
    [InlineData("falcon_encoded.json", "huggingface/falcon/tokenizer.json")]
    [InlineData("falcon_encoded.json", "llama-cpp-vocab/ggml-vocab-falcon.gguf")]
    [InlineData("gpt2_encoded_tokens.json", "llama-cpp-vocab/ggml-vocab-gpt-2.gguf")]
    [InlineData("gpt2_encoded_tokens.json", "tiktoken/r50k_base.tiktoken")]
    public void HuggingFaceIdsAndText(string expectedFile, string vocabulary)
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/" + vocabulary));
        using var expected = JsonDocument.Parse(TestData.Bytes("tokenizers/huggingface/" + expectedFile));
        int[] ids = [.. expected.RootElement.GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32())];
        Assert.Equal(ids, tokenizer.Encode(expected.RootElement.GetProperty("text").GetString()!));
        Assert.Equal(expected.RootElement.GetProperty("decoded_text").GetString(), tokenizer.Decode(ids));
    }

    [DataFact]
    public void SentencePieceNormalisationTable()
    {
        var normalizer = Normalizer.Build(new NormalizerDefinition.Form(Compose: true, Compatibility: false), "test", new PatternBudget())[0];
        var text = new NormalizedText();
        int rows = 0;
        foreach (string line in File.ReadLines(TestData.Path("tokenizers/sentencepiece/nfc.tsv")))
        {
            string[] columns = line.Split('\t');
            if (columns.Length < 2) continue;
            text.Reset(Encoding.UTF8.GetBytes(FromCodePoints(columns[0])), 0, tracksSources: false, TokenizerLimits.Default);
            normalizer.Apply(text);
            Assert.True(FromCodePoints(columns[1]) == Encoding.UTF8.GetString(text.Text), line);
            rows++;
        }
        Assert.True(rows > 10000, $"{rows} rows");
    }

    private static string FromCodePoints(string column) =>
        string.Concat(column.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(hex => new Rune(int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString()));

    [DataTheory]
    [InlineData("llama-cpp-vocab/ggml-vocab-gpt-2.gguf")]
    [InlineData("llama-cpp-vocab/ggml-vocab-falcon.gguf")]
    [InlineData("llama-cpp-vocab/ggml-vocab-llama-spm.gguf")]
    [InlineData("tiktoken/cl100k_base.tiktoken")]
    [InlineData("tiktoken/r50k_base.tiktoken")]
    public void EveryTextRoundTrips(string vocabulary)
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/" + vocabulary));
        byte[] lacking = [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(b => tokenizer.Encode([b]).Length == 0)]; // Falcon's lacks some
        foreach (string file in Directory.GetFiles(TestData.Path("text"), "*", SearchOption.AllDirectories))
        {
            if (File.ReadAllBytes(file).AsSpan().IndexOfAny(lacking) >= 0) continue;
            byte[] text = File.ReadAllBytes(file);
            Assert.True(text.AsSpan().SequenceEqual(tokenizer.DecodeBytes(tokenizer.Encode(text))), file);
        }
    }

    [DataTheory]
    [InlineData("llama-cpp-vocab/ggml-vocab-gpt-2.gguf")]
    [InlineData("llama-cpp-vocab/ggml-vocab-llama-spm.gguf")]
    [InlineData("tiktoken/cl100k_base.tiktoken")]
    public void RandomBytesRoundTrip(string vocabulary)
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/" + vocabulary));
        var random = new Random(11);
        var alphabet = " \n\té\u20ACaA1'.\u00A0"u8;
        for (int i = 0; i < 2000; i++)
        {
            byte[] text = new byte[random.Next(1, 60)];
            random.NextBytes(text);
            if (i % 2 == 0)
                for (int j = 0; j < text.Length; j++) text[j] = alphabet[text[j] % alphabet.Length];
            Assert.True(text.AsSpan().SequenceEqual(tokenizer.DecodeBytes(tokenizer.Encode(text))), Convert.ToHexString(text));
        }
    }

    [DataTheory]
    [InlineData("huggingface/gpt-neox-20b/tokenizer.json")]
    [InlineData("huggingface/falcon/tokenizer.json")]
    [InlineData("huggingface/added-tokens/tokenizer.json")]
    [InlineData("llama-cpp-vocab/ggml-vocab-llama-spm.gguf")]
    [InlineData("llama-cpp-vocab/ggml-vocab-bert-bge.gguf")]
    [InlineData("tiktoken/cl100k_base.tiktoken")]
    [InlineData("sentencepiece/test_model.model")]
    [InlineData("sentencepiece/test_ja_model.model")]
    public void SavedTokenizersReadBackTheSame(string vocabulary)
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/" + vocabulary));
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".json");
        tokenizer.Save(path);
        var loaded = Tokenizer.Load(path);
        File.Delete(path);
        Assert.Equal(tokenizer.Contract, loaded.Contract);
        // tokenizer.json cannot say in which precision scores are added, which decides between cuts that are equally good.
        if (loaded.Definition.Model is UnigramDefinition unigram)
            loaded = new TextTokenizer(loaded.Definition with { Model = unigram with { SinglePrecision = true } });
        foreach (string file in new[] { "text/botchan.txt", "text/blns.json", "text/languages/japanese.txt" })
        {
            byte[] text = TestData.Bytes(file);
            Assert.Equal(tokenizer.Encode(text), loaded.Encode(text));
        }
    }
}
