using System.Text;
using ModelDsl.Tokenizers.Training;

namespace ModelDsl.Tokenizers.Tests;

public class BpeTrainerTests
{
    private const string Text = "low low low low low lower lower newest newest newest newest newest newest widest widest widest";

    [Fact]
    public void MergesTheMostFrequentPairFirst()
    {
        var tokenizer = BpeTrainer.Train(Encoding.UTF8.GetBytes(Text), new() { Vocabulary = 260, Pattern = @" ?\p{L}+" });
        // Counts: e-s 9, s-t 9 (es first: smaller ids), then es-t 9, then l-o 7, o-w 7.
        Assert.Equal(["es", "est", "lo", "low"], Enumerable.Range(256, 4).Select(id => tokenizer.Decode([id])));
    }

    [Fact]
    public void TrainedVocabularyRoundTripsAndSurvivesSaving()
    {
        var tokenizer = BpeTrainer.Train(Encoding.UTF8.GetBytes(Text), new() { Vocabulary = 300, SpecialTokens = ["<|end|>"] });
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".json");
        tokenizer.Save(path);
        var loaded = Tokenizer.Load(path);
        File.Delete(path);
        Assert.Equal(tokenizer.Contract, loaded.Contract);
        Assert.Equal(tokenizer.Encode(Text + " été \uD83D\uDE00"), loaded.Encode(Text + " été \uD83D\uDE00"));
        Assert.Equal(Text, loaded.Decode(loaded.Encode(Text)));
        Assert.Equal([loaded.Vocabulary - 1], loaded.Encode("<|end|>", SpecialTokens.All));
        Assert.True(loaded.Encode("<|end|>").Length > 1);
    }

    [Fact]
    public void TheNumberOfThreadsDoesNotMatter()
    {
        var random = new Random(7);
        var words = Enumerable.Range(0, 300).Select(_ => new string([.. Enumerable.Range(0, random.Next(2, 8)).Select(_ => (char)('a' + random.Next(6)))])).ToArray();
        string path = Path.GetTempFileName();
        using (var writer = new StreamWriter(path))
            for (int i = 0; i < 2_000_000; i++) writer.Write(words[(int)(Math.Pow(random.NextDouble(), 3) * words.Length)] + (i % 12 == 0 ? "\n" : " "));
        var contracts = new[] { 1, 2, 5 }.Select(threads => BpeTrainer.Train([path], new() { Vocabulary = 600, Threads = threads }).Contract).ToArray();
        File.Delete(path);
        Assert.Equal(contracts[0], contracts[1]);
        Assert.Equal(contracts[0], contracts[2]);
    }

    [Fact]
    public void TooSmallAVocabularyIsAnError() =>
        Assert.Contains("no room for 256 bytes", Assert.Throws<ArgumentException>(() => BpeTrainer.Train("a"u8, new() { Vocabulary = 200 })).Message);
}
