using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Formats;
using ModelDsl.Tokenizers.Training;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>Special tokens, templates, truncation, offsets, pre-tokenizers, streaming.</summary>
public class PipelineTests
{
    private static TextTokenizer Json(string replaceWhat = "", string by = "") =>
        new(TokenizerFile.Read(Encoding.UTF8.GetBytes(replaceWhat.Length == 0 ? SmallVocabularies.Json : SmallVocabularies.Json.Replace(replaceWhat, by)), "test"));

    [Fact]
    public void SpecialTokensAreTextUnlessAllowed()
    {
        var tokenizer = Json();
        Assert.Equal([3, 7, 0], tokenizer.Encode("ab<|end|>a", SpecialTokens.All));
        Assert.Equal([3, 0], tokenizer.Encode("ab<|end|>a")); // its characters are not in this vocabulary
        Assert.True(tokenizer.IsSpecial(7));
        Assert.Equal("ab", tokenizer.Decode([3, 7], skipSpecial: true));
    }

    [Fact]
    public void TheTemplateStandsAroundTheText()
    {
        var tokenizer = Json();
        Assert.Equal([3, 7], tokenizer.Encode("ab", new EncodeOptions { Template = true }));
        Assert.Equal([4, 6, 7], tokenizer.Encode("abc a b", new EncodeOptions { Template = true, MaximumTokens = 3 }));
        Assert.Equal([4, 6], tokenizer.Encode("abc a b", new EncodeOptions { MaximumTokens = 2 }));
    }

    [Fact]
    public void ThePairTemplateOfBert()
    {
        var tokenizer = new TextTokenizer(TokenizerFile.Read(Encoding.UTF8.GetBytes(SmallVocabularies.Words), "vocab.txt"));
        var output = new TokenBuffer();
        tokenizer.EncodePair("hello"u8, "WORLD nope"u8, output);
        Assert.Equal([2, 4, 3, 5, 6, 1, 3], output.Ids.ToArray());
        Assert.Equal("hello world", tokenizer.Decode([4, 5, 6]));
    }

    [Theory]
    [InlineData("\"lstrip\": false", "\"lstrip\": true", "ab <|end|>a", new[] { 3, 7, 0 })]
    [InlineData("\"rstrip\": false", "\"rstrip\": true", "ab<|end|> a", new[] { 3, 7, 0 })]
    [InlineData("\"single_word\": false", "\"single_word\": true", "a<|end|>", new[] { 0 })]
    public void AddedTokensTakeTheirNeighboursAlong(string part, string changed, string text, int[] expected) =>
        Assert.Equal(expected, Json(part, changed).Encode(text, SpecialTokens.All));

    [Fact]
    public void OffsetsAreBytesOfTheText()
    {
        var tokenizer = Json();
        var output = new TokenBuffer(tracksOffsets: true);
        tokenizer.Encode("abc a<|end|>b"u8, output, SpecialTokens.All);
        Assert.Equal([(0, 3), (3, 5), (5, 12), (12, 13)], output.Offsets.ToArray());
    }

    [DataTheory]
    [InlineData("tiktoken/cl100k_base.tiktoken")]
    [InlineData("llama-cpp-vocab/ggml-vocab-llama-spm.gguf")]
    [InlineData("llama-cpp-vocab/ggml-vocab-bert-bge.gguf")]
    [InlineData("sentencepiece/test_model.model")]
    public void OffsetsGoForwardAndCoverWhatTheyName(string vocabulary)
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/" + vocabulary));
        byte[] text = Encoding.UTF8.GetBytes("It's  a T\u00E9st: \uFB01ne \u65E5\u672C\u8A9E 123\u20AC!\n");
        var output = new TokenBuffer(tracksOffsets: true);
        tokenizer.Encode(text, output);
        int last = 0;
        foreach (var (start, end) in output.Offsets)
        {
            Assert.InRange(start, 0, end);
            Assert.InRange(end, last, text.Length);
            last = end;
        }
        Assert.Equal(tokenizer.Encode(text), output.Ids.ToArray());
    }

    [DataTheory]
    [InlineData("tiktoken/cl100k_base.tiktoken")]
    [InlineData("llama-cpp-vocab/ggml-vocab-llama-spm.gguf")]
    public void StreamingGivesTheSameTextAndNoHalfCharacter(string vocabulary)
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/" + vocabulary));
        string text = Encoding.UTF8.GetString(TestData.Bytes("text/languages/Emoji-Lipsum.txt"))[..4000] + Encoding.UTF8.GetString(TestData.Bytes("text/languages/japanese.txt"))[..4000];
        if (char.IsHighSurrogate(text[3999])) text = text.Remove(3999, 1);
        var stream = tokenizer.CreateStreamDecoder();
        var streamed = new StringBuilder();
        foreach (int id in tokenizer.Encode(text))
        {
            string part = stream.Push(id);
            Assert.DoesNotContain('\uFFFD', part);
            streamed.Append(part);
        }
        Assert.Equal(text, streamed.Append(stream.Finish()).ToString());
    }

    [Fact]
    public void BatchesDoNotDependOnTheThreads()
    {
        var tokenizer = Json();
        var texts = Enumerable.Range(0, 200).Select(i => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("abc a", i % 7)) + "b"))).ToArray();
        Assert.Equal(tokenizer.EncodeBatch(texts, threads: 1), tokenizer.EncodeBatch(texts, threads: 4));
    }

    [Fact]
    public void LongRunsEncodeAsShortOnesDo()
    {
        // What a scan over neighbours gives must be what the heap for long pieces gives.
        var tokenizer = BpeTrainer.Train(Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 400).Select(i => new string('a', i % 37) + new string('b', i % 11)))), new() { Vocabulary = 330 });
        var random = new Random(2);
        for (int length = 200; length < 320; length++)
        {
            string text = string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(5) == 0 ? 'b' : 'a'));
            Assert.Equal(Naive(tokenizer, text), tokenizer.Encode(text));
        }
    }

    private static List<int> Naive(TextTokenizer tokenizer, string text)
    {
        var merges = ((BpeDefinition)tokenizer.Definition.Model).Merges!.Index().ToDictionary(merge => (merge.Item.Left, merge.Item.Right), merge => (Rank: merge.Index, merge.Item.Result));
        var ids = text.Select(c => (int)c).ToList();
        while (true)
        {
            var best = Enumerable.Range(0, ids.Count - 1).Where(i => merges.ContainsKey((ids[i], ids[i + 1]))).OrderBy(i => merges[(ids[i], ids[i + 1])].Rank).FirstOrDefault(-1);
            if (best < 0) return ids;
            ids[best] = merges[(ids[best], ids[best + 1])].Result;
            ids.RemoveAt(best + 1);
        }
    }

    [Fact]
    public void EncodingAllocatesNothingOnceWarm()
    {
        var tokenizer = Json();
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("abc ab a cab ", 500)));
        var output = new TokenBuffer();
        for (int i = 0; i < 3; i++)
        {
            output.Clear();
            tokenizer.Encode(text, output, SpecialTokens.All);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        output.Clear();
        tokenizer.Encode(text, output, SpecialTokens.All);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
