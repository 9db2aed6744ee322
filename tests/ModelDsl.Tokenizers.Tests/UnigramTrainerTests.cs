using System.Text;
using ModelDsl.Tokenizers.Training;

namespace ModelDsl.Tokenizers.Tests;

public class UnigramTrainerTests
{
    private static readonly string[] Stems = ["walk", "talk", "jump", "play", "work"], Endings = ["", "ed", "ing", "er", "s"];

    private static byte[] Text()
    {
        var random = new Random(4);
        return Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 20000).Select(_ => Stems[random.Next(5)] + Endings[random.Next(5)])));
    }

    [Fact]
    public void LearnsThePartsOfWords()
    {
        var tokenizer = UnigramTrainer.Train(Text(), new() { Vocabulary = 330, SpecialTokens = ["<s>"] });
        Assert.InRange(tokenizer.Vocabulary, 280, 330);
        Assert.NotNull(tokenizer.IdOf("<s>"));
        Assert.True(tokenizer.Encode("walking talked").Length <= 4);
        Assert.Equal("walking \u65E5\u672C talked\n", tokenizer.Decode(tokenizer.Encode("walking \u65E5\u672C talked\n")));
    }

    [Fact]
    public void TheNumberOfThreadsDoesNotMatter()
    {
        var contracts = new[] { 1, 3 }.Select(threads => UnigramTrainer.Train(Text(), new() { Vocabulary = 320, Threads = threads }).Contract).ToArray();
        Assert.Equal(contracts[0], contracts[1]);
    }

    [Fact]
    public void TooSmallAVocabularyIsAnError() =>
        Assert.Contains("no room", Assert.Throws<ArgumentException>(() => UnigramTrainer.Train(Text(), new() { Vocabulary = 260 })).Message);
}
