using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace ModelDsl.Cli.Tests;

/// <summary>The tool as a user runs it, in a process of its own.</summary>
public sealed class TokenizerCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string vocabulary;

    public TokenizerCommandTests()
    {
        vocabulary = _folder.File("vocabulary"); // no extension: the format is recognised by the content
        File.WriteAllText(vocabulary, string.Concat(Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}\n")) + "aGk= 256\n");
    }

    public void Dispose() => _folder.Dispose();

    private static (int Code, string Out, string Error) Run(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelDsl.Cli.dll"), "tokenizer", .. arguments]);
        var ended = ChildProcess.Run(start, TimeSpan.FromMinutes(2), input).GetAwaiter().GetResult();
        return (ended.Code, ended.Output, ended.Errors);
    }

    [Fact]
    public void EncodePrintsTheIdsOfTheInput() =>
        Assert.Equal((0, "256 33 10\n", ""), Run("hi!\n", "encode", "--vocab", vocabulary));

    [Theory]
    [InlineData("hi==a==", "256\n97\n")]
    [InlineData("hi==a", "256\n97\n")]
    [InlineData("hi====a", "256\n\n97\n")]
    [InlineData("", "\n")]
    public void EncodePrintsALineForEachText(string input, string expected) =>
        Assert.Equal(expected, Run(input, "encode", "--vocab", vocabulary, "--separator", "==").Out);

    [Fact]
    public void ASeparatorMayBeWrittenWithEscapesOrWithoutThem()
    {
        string file = _folder.File("input");
        File.WriteAllText(file, "hi\n__x__\na");
        foreach (string separator in new[] { @"\n__x__\n", "\n__x__\n" })
            Assert.Equal("256\n97\n", Run("", "encode", "--vocab", vocabulary, "--input", file, "--separator", separator).Out);
    }

    [Fact]
    public void AnInputBeyondAnArrayIsNamed()
    {
        string file = _folder.File("large");
        using (var stream = File.Create(file)) stream.SetLength(Array.MaxLength + 1L); // takes no room on the disk
        var (code, output, error) = Run("", "encode", "--vocab", vocabulary, "--input", file);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"{file}: has 2,147,483,592 bytes", error);
    }

    [Fact]
    public void SpecialTokensAreFoundOnlyWhereAllowed()
    {
        string trained = _folder.File("trained.json"), corpus = _folder.File("corpus.txt");
        File.WriteAllText(corpus, string.Concat(Enumerable.Repeat("hi there ", 50)));
        var run = Run("", "train", corpus, "--out", trained, "--vocabulary", "262", "--special-token", "<|end|>");
        Assert.True(run.Code == 0, run.Error);
        Assert.Matches(@"^\d+ ids", Regex.Match(run.Error, @"\d+ ids.*").Value);
        string all = Run("hi<|end|>", "encode", "--vocab", trained, "--special", "all").Out, none = Run("hi<|end|>", "encode", "--vocab", trained).Out;
        Assert.Equal(2, all.Split(' ').Length);
        Assert.True(none.Split(' ').Length > 2);
        Assert.Equal("hi<|end|>", Run(all, "decode", "--vocab", trained).Out);
        Assert.Equal("hi<|end|>", Run(none, "decode", "--vocab", trained).Out);
    }

    [Fact]
    public void APieceThatIsTooLongIsToldWithItsPlace()
    {
        string file = _folder.File("input");
        using (var stream = File.Create(file))
        {
            stream.Write("a\nhi "u8);
            stream.SetLength((1 << 26) + 7); // zeros are no place to cut
        }
        var run = Run("", "encode", "--vocab", vocabulary, "--input", file, "--separator", "\n");
        Assert.Equal((1, "97\n"), (run.Code, run.Out));
        Assert.Contains($"{file}, text 2: at byte 2 the text has a piece of {(1 << 26) + 3} bytes without a place to cut", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void InspectShowsTheVocabularyAndTheCut()
    {
        string shown = Run("", "inspect", "--vocab", vocabulary, "--text", "hi a").Out;
        Assert.Contains("byte-level BPE", shown);
        Assert.Contains("3 tokens, 4 bytes", shown);
    }

    [Theory]
    [InlineData("missing", "missing")]
    [InlineData("broken", "no known format")]
    public void WhatCannotBeReadIsOneLineOnStandardError(string name, string message)
    {
        string path = _folder.File(name);
        if (name == "broken") File.WriteAllText(path, "nothing");
        var run = Run("hi", "encode", "--vocab", path);
        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
