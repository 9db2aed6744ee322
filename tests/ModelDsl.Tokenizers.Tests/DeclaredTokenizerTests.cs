using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Formats;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Tests;

[Tokenizer]
[Split(@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s")]
[ByteLevel, SpecialTokens("<|endoftext|>")]
public partial record Gpt4Style : BpeTokenizer;

[Tokenizer]
[Split(SplitPatterns.Gpt2)]
[ByteLevel, Vocabulary("bytes.tiktoken"), Normalize(Normalization.Nfc), Replace("\t", " ")]
public partial record Embedded : BpeTokenizer;

[Tokenizer]
[Split(SplitPatterns.O200K)]
[ByteLevel]
internal partial record O200KStyle : BpeTokenizer;

[Tokenizer]
[Normalize(Normalization.Lowercase)]
internal partial record LowerCaseWords : WordPieceTokenizer;

/// <summary>Records that the generator compiled in this very build.</summary>
public class DeclaredTokenizerTests
{
    private static readonly string Bytes = Path.Combine(Repository.Folder, "tests", "ModelDsl.Tokenizers.Tests", "Vocabularies", "bytes.tiktoken");

    [Fact]
    public void ADeclaredTokenizerLoadsAVocabulary()
    {
        var tokenizer = Gpt4Style.Load(Bytes);
        Assert.Equal([259, 260, (int)'o'], tokenizer.Encode("hello wo"));
        Assert.Equal([261], tokenizer.Encode("<|endoftext|>", SpecialTokens.All));
        Assert.Equal(262, tokenizer.Vocabulary);
    }

    [Fact]
    public void AVocabularyCanBeBuiltIn()
    {
        Assert.Equal([259, (int)' ', 259], Embedded.Default.Encode("hello\thello"));
        Assert.Same(Embedded.Default, Embedded.Default);
    }

    [Fact]
    public void TrainingKeepsTheDeclaration()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "some words and some other words and more of some words");
        var tokenizer = Gpt4Style.Train([file], 270);
        File.Delete(file);
        Assert.Equal("some words", tokenizer.Decode(tokenizer.Encode("some words")));
        Assert.NotNull(tokenizer.IdOf("<|endoftext|>"));
    }

    [Fact]
    public void AnotherKindOfModelIsAnError() =>
        Assert.Contains("WordPieceDefinition", Assert.Throws<InvalidDataException>(() => LowerCaseWords.Load(Bytes)).Message);

    [Fact]
    public void TheScannerOfTheBuildCutsAsTheTablesDo()
    {
        var random = new Random(3);
        string[] parts = ["a", "S", "'s", "'LL", " ", "  ", "\n", "\r\n", "\t", "1", "23", "é", "\u65E5\u672C", "\u017F", "!", "?!", "\u00A0", "\U0001F600", "'", "/", "\u0301", "\u01C5"];
        var cases = new (PatternScanner Built, string Pattern)[]
        {
            (ScannerOf<Gpt4Style>(SplitPatterns.Cl100K), SplitPatterns.Cl100K), (ScannerOf<O200KStyle>(SplitPatterns.O200K), SplitPatterns.O200K),
            (ScannerOf<Embedded>(SplitPatterns.Gpt2), SplitPatterns.Gpt2),
        };
        foreach (var (built, pattern) in cases)
        {
            var tables = new TableScanner(PatternAutomaton.Compile(pattern));
            for (int i = 0; i < 3000; i++)
            {
                byte[] text = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => parts[random.Next(parts.Length)])));
                if (i % 10 == 0) text[random.Next(text.Length)] = (byte)random.Next(256);
                for (int at = 0; at < text.Length; at++) Assert.Equal(tables.Match(text, at), built.Match(text, at));
            }
        }
    }

    private static PatternScanner ScannerOf<TTokenizer>(string pattern) => (PatternScanner)typeof(TTokenizer)
        .GetMethod("ScannerOf", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.Invoke(null, [pattern])!;
}
