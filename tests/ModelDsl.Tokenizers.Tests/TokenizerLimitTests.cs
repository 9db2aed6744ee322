using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Formats;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>Each limit of <see cref="TokenizerLimits"/> at its value and past it.</summary>
public class TokenizerLimitTests
{
    private static readonly TokenizerDefinition Letters = new()
    {
        Model = new BpeDefinition { Tokens = [.. "ab"u8.ToArray().Select(letter => new[] { letter })], Merges = [] },
    };

    private static void Refuses(string limit, Action load)
    {
        var error = Assert.ThrowsAny<Exception>(load);
        Assert.True(error is InvalidDataException or NotSupportedException, error.ToString());
        Assert.Contains(limit, error.Message);
    }

    private static TextTokenizer Load(string content, TokenizerLimits limits) => new(TokenizerFile.Read(Encoding.UTF8.GetBytes(content), "file", limits));

    private static void Compile(string pattern, TokenizerLimits limits) =>
        _ = new TextTokenizer(Letters with { PreTokenizer = new PreTokenizerDefinition.Split(pattern, IsRegex: true, SplitBehavior.Isolated), Limits = limits });

    [Fact]
    public void FileBytes()
    {
        int length = Encoding.UTF8.GetByteCount(SmallVocabularies.Json);
        Load(SmallVocabularies.Json, new() { FileBytes = length });
        Refuses("TokenizerLimits.FileBytes", () => Load(SmallVocabularies.Json, new() { FileBytes = length - 1 }));
        string path = Path.GetTempFileName();
        File.WriteAllText(path, SmallVocabularies.Json);
        Tokenizer.Load(path, new() { FileBytes = length });
        Refuses("TokenizerLimits.FileBytes", () => Tokenizer.Load(path, new() { FileBytes = length - 1 }));
        File.Delete(path);
    }

    [Fact]
    public void FileBytesOfGgufMetadata()
    {
        byte[] metadata = SmallVocabularies.Gguf(), file = [.. metadata, .. new byte[4096]];
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, file);
        Tokenizer.Load(path, new() { FileBytes = metadata.Length });
        Refuses("TokenizerLimits.FileBytes", () => Tokenizer.Load(path, new() { FileBytes = metadata.Length - 5 })); // before the last value, of four bytes
        File.Delete(path);
    }

    [Fact]
    public void Ids()
    {
        Load(SmallVocabularies.Json, new() { Ids = 8 }); // seven tokens and an added one
        Refuses("TokenizerLimits.Ids", () => Load(SmallVocabularies.Json, new() { Ids = 7 }));
        Refuses("TokenizerLimits.Ids", () => Load(SmallVocabularies.Json, new() { Ids = 6 }));
        Load(SmallVocabularies.Ranks, new() { Ids = 257 });
        Refuses("TokenizerLimits.Ids", () => Load(SmallVocabularies.Ranks, new() { Ids = 256 }));
    }

    [Fact]
    public void TokenBytes()
    {
        Load(SmallVocabularies.Ranks, new() { TokenBytes = 2 });
        Refuses("TokenizerLimits.TokenBytes", () => Load(SmallVocabularies.Ranks, new() { TokenBytes = 1 }));
        TokenizerDefinition Suffixed(int limit) => Letters with { Model = (BpeDefinition)Letters.Model with { EndOfWordSuffix = "</w>" }, Limits = new() { TokenBytes = limit } };
        _ = new TextTokenizer(Suffixed(4));
        Refuses("TokenizerLimits.TokenBytes", () => _ = new TextTokenizer(Suffixed(3)));
    }

    [Fact]
    public void Components()
    {
        var five = Letters with { Normalizer = new NormalizerDefinition.Sequence([.. Enumerable.Repeat(new NormalizerDefinition.Lowercase(), 4)]) };
        _ = new TextTokenizer(five with { Limits = new() { Components = 5 } });
        Refuses("TokenizerLimits.Components", () => _ = new TextTokenizer(five with { Limits = new() { Components = 4 } }));
    }

    [Fact]
    public void GrowthOfATextAndOfAToken()
    {
        var doubling = new TextTokenizer(Letters with { Normalizer = new NormalizerDefinition.Replace("a", IsRegex: false, "bb"), Limits = new() { Growth = 1 } });
        Assert.Equal(2048, doubling.Encode(new string('a', 1024)).Length);
        Refuses("TokenizerLimits.Growth", () => doubling.Encode(new string('a', 1025)));
        TextTokenizer Growing(int length) => new(Letters with { Decoder = new DecoderDefinition.Replace("a", new string('b', length)), Limits = new() { Growth = 1 } });
        Assert.Equal(1025, Growing(1025).Decode([0]).Length);
        Refuses("TokenizerLimits.Growth", () => Growing(1026).Decode([0]));
    }

    [Fact]
    public void PatternLength()
    {
        Compile("aaaaaaaaaa", new() { PatternLength = 10 });
        Refuses("at most 9 are", () => Compile("aaaaaaaaaa", new() { PatternLength = 9 }));
    }

    [Fact]
    public void PatternDepth()
    {
        Compile("((([a])))", new() { PatternDepth = 5 }); // the pattern, three groups, a class
        Refuses("nest more than 4 deep", () => Compile("((([a])))", new() { PatternDepth = 4 }));
    }

    [Fact]
    public void PatternStates()
    {
        Compile("a{10}", new() { PatternStates = 12 }); // a letter may be left to read 10 to 0 times, or the match has failed
        Refuses("more than 11 states", () => Compile("a{10}", new() { PatternStates = 11 }));
    }

    [Fact]
    public void PatternStepsOfAllPatternsTogether()
    {
        long one = Least(steps => Compile("[ab]*a[ab]{3}", new() { PatternSteps = steps }));
        Refuses("steps", () => Compile("[ab]*a[ab]{3}", new() { PatternSteps = one - 1 }));
        var split = new PreTokenizerDefinition.Split("[ab]*a[ab]{3}", IsRegex: true, SplitBehavior.Isolated);
        var twice = Letters with { PreTokenizer = new PreTokenizerDefinition.Sequence([split, split]) };
        _ = new TextTokenizer(twice with { Limits = new() { PatternSteps = 2 * one } });
        Refuses("steps", () => _ = new TextTokenizer(twice with { Limits = new() { PatternSteps = 2 * one - 1 } }));
    }

    // The smallest limit within which something loads.
    private static long Least(Action<long> load)
    {
        long refused = 0, loaded = 1 << 22;
        while (loaded - refused > 1)
        {
            long middle = (refused + loaded) / 2;
            try
            {
                load(middle);
                loaded = middle;
            }
            catch (NotSupportedException)
            {
                refused = middle;
            }
        }
        return loaded;
    }
}
