using System.Text;
using System.Text.Json;
using ModelDsl.Tokenizers.Formats;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>Small files that ask for much: each is refused by its name, and none takes much stack, memory or time.</summary>
public class HostileFileTests
{
    private const string Piece = """{"Sequence":{"id":"A"}}""";
    private const string SpecialPiece = """{"SpecialToken":{"id":"a"}}""";

    public static TheoryData<string, string, string> Json => new()
    {
        { "open groups", WithSplit(Repeat("(", 100_000)), "16384" },
        { "nested groups", WithSplit(Repeat("(", 5_000) + "a" + Repeat(")", 5_000)), "nest more than 100" },
        { "nested classes", WithSplit(Repeat("[", 5_000)), "nest more than 100" },
        { "nested lookaheads", WithSplit(Repeat("(?=", 5_000)), "nest more than 100" },
        { "nested counts", WithSplit("((((){255}){255}){255}){255}"), "too large" },
        { "multiplied counts", WithSplit("(?:(?:(?:a|b){255}){255}){255}"), "too large" },
        { "optional letters", WithSplit(Repeat("a?", 3_900)), "too large" },
        { "exponential states", WithSplit("[ab]*a[ab]{200}"), "too large" },
        { "many sets", WithSplit(string.Concat(Enumerable.Range(0, 3_000).Select(i => $"[^{(char)(0x4E00 + i)}]"))), "" },
        { "many splits", With("pre_tokenizer", Sequence("pretokenizers", Split("a"), 5_000)), "256 pre-tokenizers" },
        { "expensive splits", With("pre_tokenizer", Sequence("pretokenizers", Split("[ab]*a[ab]{8}"), 200)), "too large" },
        { "a chain of Replace", With("normalizer", Sequence("normalizers", Replace("a", "aaaaaaaaaa"), 30)), "TokenizerLimits.Growth" },
        { "a decoder's chain of Replace", With("decoder", Sequence("decoders", Replace("a", "aaaaaaaaaa"), 30)), "TokenizerLimits.Growth" },
        { "an empty Replace", With("normalizer", Replace("", "a")), "is empty" },
        { "a decoder's empty Replace", With("decoder", Replace("", "a")), "is empty" },
        { "an empty suffix", With("decoder", """{"type":"BPEDecoder","suffix":""}"""), "is empty" },
        { "an endless Strip", With("decoder", """{"type":"Strip","content":"","start":2147483647,"stop":0}"""), "is empty" },
        { "an empty Metaspace", With("pre_tokenizer", """{"type":"Metaspace","replacement":""}"""), "not one character" },
        { "a decoder's empty Metaspace", With("decoder", """{"type":"Metaspace","replacement":""}"""), "not one character" },
        { "an empty delimiter", With("pre_tokenizer", """{"type":"CharDelimiterSplit","delimiter":""}"""), "not one character" },
        { "a long prefix", With("model", $$"""{"type":"BPE","continuing_subword_prefix":"{{Repeat("a", 3_000)}}","vocab":{"a":0},"merges":[]}"""), "TokenizerLimits.TokenBytes" },
        { "a large added id", With("added_tokens", """[{"id":16777215,"content":"x"}]"""), "TokenizerLimits.Ids" },
        { "a large id", With("model", """{"type":"BPE","vocab":{"a":2147483647},"merges":[]}"""), "most ids are missing" },
        { "a lone surrogate as a key", With("model", """{"type":"BPE","\ud800":1,"vocab":{"a":0},"merges":[]}"""), "valid Unicode" },
        { "a lone surrogate as a token", With("model", """{"type":"BPE","vocab":{"\ud800":0},"merges":[]}"""), "valid Unicode" },
        { "a lone surrogate in a map", With("normalizer", """{"type":"Precompiled","precompiled_charsmap":"\ud800"}"""), "valid Unicode" },
        { "an infinite score", With("model", """{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1e999]]}"""), "range of a double" },
        { "a long template", With("post_processor", $$$"""{"type":"TemplateProcessing","single":[{{{Repeat(Piece + ",", 300)}}}{{{Piece}}}],"pair":[],"special_tokens":{}}"""), "256 pieces" },
        { "many ids in a template", With("post_processor", $$$$"""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"a"}}],"pair":[],"special_tokens":{"a":{"ids":[{{{{Repeat("0,", 300)}}}}0]}}}"""), "256 ids" },
        { "a template that names many ids often", With("post_processor", $$$$"""{"type":"TemplateProcessing","single":[{{{{Repeat(SpecialPiece + ",", 8_000)}}}}{"SpecialToken":{"id":"a"}}],"pair":[],"special_tokens":{"a":{"ids":[{{{{Repeat("0,", 200_000)}}}}0]}}}"""), "256 pieces" },
        { "case variants", WithSplit("(?i)" + Repeat("[\u0001-\u07FF]", 3_000)), "too large" },
        { "nested brackets", Repeat("[", 100_000), "no known format" },
        { "nested objects", Repeat("{\"a\":", 100_000), "not valid JSON" },
    };

    [Theory]
    [MemberData(nameof(Json))]
    public void AHostileTokenizerJsonIsRefused(string name, string json, string reason)
    {
        var error = Refusal(Encoding.UTF8.GetBytes(json));
        if (reason.Length == 0) return; // may also be accepted
        Assert.True(error is not null, name + " is accepted");
        Assert.Contains(reason, error.Message);
    }

    public static TheoryData<string, byte[], string> Binary => new()
    {
        { "infinite scores", new GgufFile().Text("model", "llama").Texts("tokens", "<unk>", "a").Floats("scores", 0, float.PositiveInfinity).Integers("token_type", 2, 1).Bytes(), "finite" },
        { "a list that lies", new GgufFile().Text("model", "llama").Lying("tokens", 1 << 26).Bytes(), "more than the file holds" },
        { "a long token", new GgufFile().Text("model", "llama").Texts("tokens", "<unk>", "a", Repeat("a", 3_000)).Floats("scores", 0, -1, -2).Integers("token_type", 2, 1, 1).Bytes(), "TokenizerLimits.TokenBytes" },
        { "a token in no encoding", new GgufFile().Text("model", "t5").Texts("tokens", "<unk>", "a").Floats("scores", 0, -1).Integers("token_type", 2, 1).Bytes().Replace((byte)'a', 0xFF, last: true), "UTF-8" },
        { "a large rank", Encoding.UTF8.GetBytes(SmallVocabularies.Ranks + "YWM= 16777215\n"), "TokenizerLimits.Ids" },
        { "a long rank", Encoding.UTF8.GetBytes(SmallVocabularies.Ranks + Convert.ToBase64String(Encoding.UTF8.GetBytes(Repeat("a", 3_000))) + " 257\n"), "TokenizerLimits.TokenBytes" },
    };

    [Theory]
    [MemberData(nameof(Binary))]
    public void AHostileVocabularyIsRefused(string name, byte[] content, string reason)
    {
        var error = Refusal(content);
        Assert.True(error is not null, name + " is accepted");
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void ALongAddedTokenIsFound()
    {
        string content = Repeat("<", 100_000) + ">";
        var tokenizer = new TextTokenizer(TokenizerFile.Read(Encoding.UTF8.GetBytes(With("added_tokens", $$"""[{"id":5,"content":"{{content}}"},{"id":6,"content":"<<"},{"id":7,"content":"<"}]""")), "file"));
        Assert.Equal([0, 5, 6, 7], tokenizer.Encode("a" + content + "<<<", SpecialTokens.All));
    }

    // Loads, encodes and decodes on a small stack; null where all of it works.
    private static Exception? Refusal(byte[] content)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                var tokenizer = new TextTokenizer(TokenizerFile.Read(content, "file"));
                tokenizer.Decode(tokenizer.Encode("aaaa b", SpecialTokens.All));
            }
            catch (Exception error)
            {
                failure = error;
            }
        }, maxStackSize: 512 << 10);
        thread.Start();
        thread.Join();
        Assert.True(failure is null or InvalidDataException or NotSupportedException, failure?.ToString());
        return failure;
    }

    private static string With(string part, string json)
    {
        var parts = new Dictionary<string, string>
        {
            ["added_tokens"] = "[]", ["normalizer"] = "null", ["pre_tokenizer"] = "null", ["post_processor"] = "null", ["decoder"] = "null",
            ["model"] = """{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}""",
        };
        parts[part] = json;
        return "{" + string.Join(",", parts.Select(pair => $"\"{pair.Key}\":{pair.Value}")) + "}";
    }

    private static string WithSplit(string pattern) => With("pre_tokenizer", Split(pattern));

    private static string Split(string pattern) => $$$"""{"type":"Split","pattern":{"Regex":{{{JsonSerializer.Serialize(pattern)}}}},"behavior":"Isolated"}""";

    private static string Replace(string text, string by) => $$$"""{"type":"Replace","pattern":{"String":"{{{text}}}"},"content":"{{{by}}}"}""";

    private static string Sequence(string items, string item, int count) => $$"""{"type":"Sequence","{{items}}":[{{string.Join(",", Enumerable.Repeat(item, count))}}]}""";

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}

internal static class ByteEdits
{
    /// <summary>The bytes with the last of one kind changed.</summary>
    internal static byte[] Replace(this byte[] bytes, byte what, byte by, bool last)
    {
        int at = last ? bytes.AsSpan().LastIndexOf(what) : bytes.AsSpan().IndexOf(what);
        bytes[at] = by;
        return bytes;
    }
}
