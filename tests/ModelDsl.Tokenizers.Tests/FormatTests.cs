using System.Text;
using ModelDsl.Tokenizers.Formats;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>What the readers take, what they refuse, and how they say it.</summary>
public class FormatTests
{
    private static TextTokenizer Read(string content, string name = "file") => new(TokenizerFile.Read(Encoding.UTF8.GetBytes(content), name));

    [Fact]
    public void EveryFormatIsRecognisedByItsContent()
    {
        int[][] ids = [.. SmallVocabularies.All.Select(file => new TextTokenizer(TokenizerFile.Read(file.Content, "any")).Encode(file.Name == "vocab.txt" ? "Hello world" : "ab"))];
        Assert.Equal([[3], [256], [4, 5, 6], [5, 4], [5, 4], [2]], ids);
    }

    [Theory]
    [InlineData("\"b\": 1", "\"b\": 0", "$.model.vocab", "id 0")]
    [InlineData("\"b\": 1", "\"a\": 1", "$.model.vocab", "twice")]
    [InlineData("\"a b\"", "\"a z\"", "$.model.merges[0]", "\"z\"")]
    [InlineData("\"a b\"", "\"b a\"", "$.model.merges[0]", "\"ba\"")]
    [InlineData("\"a b\"", "\"ab\"", "$.model.merges[0]", "space between")]
    [InlineData("\"id\": 7, \"content\"", "\"id\": 1, \"content\"", "<|end|>", "inside the base vocabulary")]
    [InlineData("\"NFC\"", "\"Frob\"", "$.normalizer", "supported are")]
    [InlineData("\"type\": \"ByteLevel\", \"add", "\"type\": \"UnicodeScripts\", \"add", "$.pre_tokenizer", "supported are")]
    [InlineData("\"decoder\": { \"type\": \"ByteLevel\"", "\"decoder\": { \"type\": \"CTC\"", "$.decoder", "CTC")]
    [InlineData("\"type\": \"BPE\"", "\"type\": \"Frob\"", "$.model", "Frob")]
    [InlineData("\"b\": 1", "\"b\": -1", "$.model.vocab", "-1")]
    [InlineData("\"b\": 1", "\"b\": 1000000", "$.model.vocab", "missing")]
    [InlineData("\"b\": 1", "\"b\": \"1\"", "$.model.vocab", "no number")]
    [InlineData("\"merges\"", "\"murges\"", "$.model", "merges")]
    [InlineData("\"version\"", "version", "line 2", "not valid JSON")]
    public void AContradictoryTokenizerJsonIsNamed(string part, string lie, string place, string what)
    {
        var error = Assert.ThrowsAny<Exception>(() => Read(SmallVocabularies.Json.Replace(part, lie), "tokenizer.json"));
        Assert.True(error is InvalidDataException or NotSupportedException, error.ToString());
        Assert.Contains("tokenizer.json", error.Message);
        Assert.Contains(place, error.Message);
        Assert.Contains(what, error.Message);
    }

    [Theory]
    [InlineData("YWI= 256\n", "YWI= 255\n", "line 257", "second time")]
    [InlineData("YWI= 256\n", "YQ== 256\n", "line 257", "again")]
    [InlineData("YWI= 256\n", "YWI=", "line 257", "cut short")]
    [InlineData("/w== 255\n", "", "0xFF", "cut short")]
    public void AContradictoryRanksFileIsNamed(string part, string lie, string place, string what)
    {
        string message = Assert.Throws<InvalidDataException>(() => Read(SmallVocabularies.Ranks.Replace(part, lie), "r.tiktoken")).Message;
        Assert.Contains("r.tiktoken", message);
        Assert.Contains(place, message);
        Assert.Contains(what, message);
    }

    [Fact]
    public void AnUnknownFormatSaysWhatIsSupported()
    {
        Assert.Contains("GGUF", Assert.Throws<InvalidDataException>(() => Read("just text")).Message);
        Assert.Contains("empty", Assert.Throws<InvalidDataException>(() => Read("")).Message);
        Assert.Contains("line 7", Assert.Throws<InvalidDataException>(() => Read(SmallVocabularies.Words.Replace("##ld", "hello"))).Message);
    }

    [Fact]
    public void ATruncatedFileIsAnErrorAndNeverACrash()
    {
        foreach (var (name, content) in SmallVocabularies.All)
            for (int length = 0; length < content.Length; length += content.Length < 600 ? 1 : 7) Try(name, content[..length]);
        string model = Assert.Throws<InvalidDataException>(() => TokenizerFile.Read(SmallVocabularies.SentencePiece(1)[..^3], "m.model")).Message;
        Assert.Contains("at byte", model);
        Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => TokenizerFile.Read(SmallVocabularies.Gguf()[..^3], "g.gguf")).Message);
    }

    [Fact]
    public void AMutatedFileIsAnErrorOrATokenizer()
    {
        var random = new Random(23);
        foreach (var (name, content) in SmallVocabularies.All)
            for (int i = 0; i < 3000; i++)
            {
                byte[] mutated = [.. content];
                for (int change = random.Next(1, 4); change > 0; change--)
                {
                    int at = random.Next(mutated.Length);
                    if (random.Next(3) == 0) mutated = [.. mutated[..at], .. mutated[Math.Min(mutated.Length - 1, at + random.Next(1, 9))..]];
                    else mutated[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(mutated[at] ^ 1 << random.Next(8));
                }
                Try(name, mutated);
            }
    }

    private static void Try(string name, byte[] content)
    {
        try
        {
            var tokenizer = new TextTokenizer(TokenizerFile.Read(content, name));
            tokenizer.Decode(tokenizer.Encode("Hello a\u00E9b \u65E5 <|end|>", SpecialTokens.All));
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
            Assert.NotEmpty(error.Message);
        }
    }

    [Fact]
    public void PaddingTokensOfTheTypeUnknownAreControlTokens()
    {
        var tokenizer = new TextTokenizer(TokenizerFile.Read(SmallVocabularies.PaddedGguf(), "v.gguf"));
        Assert.Equal([3, 0, 2], tokenizer.Encode("aba"));
        Assert.Equal([4, 5], tokenizer.Encode("[PAD4][PAD5]", SpecialTokens.All));
        Assert.True(tokenizer.IsSpecial(5));
    }

    [Fact]
    public void IdsOutOfRangeAreErrors()
    {
        var tokenizer = Read(SmallVocabularies.Json);
        foreach (int id in new[] { -1, 8, int.MaxValue })
            Assert.Contains("outside the vocabulary of 8", Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([0, id])).Message);
    }
}
