namespace ModelDsl.Tokenizers.Tests;

public class ByteTokenizerTests
{
    private static readonly ByteTokenizer Tokenizer = new();

    [Fact]
    public void ATokenIsAByte()
    {
        Assert.Equal([104, 195, 169], Tokenizer.Encode("hé"));
        Assert.Equal("hé", Tokenizer.Decode([104, 195, 169]));
        Assert.Equal(256, Tokenizer.Vocabulary);
    }

    [Fact]
    public void StreamingNeverEmitsHalfACharacter()
    {
        var stream = Tokenizer.CreateStreamDecoder();
        var parts = "aé\u20AC\U0001F600"u8.ToArray().Select(b => stream.Push(b)).ToArray();
        Assert.Equal(["a", "", "é", "", "", "\u20AC", "", "", "", "\U0001F600"], parts);
        Assert.Equal("", stream.Finish());
        stream.Push(0xE2);
        Assert.Equal("\uFFFD", stream.Finish());
    }

    [Fact]
    public void AnIdOutsideTheVocabularyIsAnError() =>
        Assert.Contains("256", Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([256])).Message);
}
