using System.Text;
using System.Text.RegularExpressions;
using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>The automaton against a backtracking engine: .NET's, with the patterns in its dialect.</summary>
public class PatternTests
{
    private static readonly string[] Parts =
        ["a", "b", "ab", "S", "'s", "'T", " ", "  ", "\n", "\r\n", "\t", "1", "2345", "\u00E9", "\u65E5\u672C", "!", "...", "\u00A0", "'", "\u0301", "\u2167", "/"];

    [Theory]
    [InlineData(SplitPatterns.Gpt2, null)]
    [InlineData(SplitPatterns.Llama3, null)]
    [InlineData(SplitPatterns.Qwen2, null)]
    [InlineData(SplitPatterns.O200K, null)]
    [InlineData(SplitPatterns.Cl100K, @"'(?i:[sdmt]|ll|ve|re)|(?>[^\r\n\p{L}\p{N}]?)(?>\p{L}+)|(?>\p{N}{1,3})| ?(?>[^\s\p{L}\p{N}]+)(?>[\r\n]*)|(?>\s+)\z|\s*[\r\n]|\s+(?!\S)|\s")]
    [InlineData(@"a*?b|a+", null)]
    [InlineData(@"(?:ab|a)(?:b|bab)?|.", null)]
    [InlineData(@"a{2,3}b?|\s{2,}|[^a\s]", null)]
    [InlineData(@"[a-b1-3]+(?=\s)|\S", null)]
    [InlineData(@"(?>a+)b|a|\n", null)]
    [InlineData(@"a?+a|[ab]", @"(?>a?)a|[ab]")]
    [InlineData(@"^ab|a$|b", @"\Aab|a\z|b")]
    [InlineData(@"(?i)AB+|\u65e5", null)]
    public void CutsAsABacktrackingEngineDoes(string pattern, string? dotnet)
    {
        var scanner = new TableScanner(PatternAutomaton.Compile(pattern));
        var regex = new Regex(dotnet ?? pattern, RegexOptions.CultureInvariant);
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => Parts[random.Next(Parts.Length)]));
            var expected = regex.Matches(text).Where(match => match.Length > 0).Select(match => match.Value);
            Assert.Equal(expected, Matches(scanner, Encoding.UTF8.GetBytes(text)));
        }
    }

    [Theory]
    [InlineData(@"\p{N}{1,3}+|a$", @"(?>\p{N}{1,3})|a(?![\s\S])")]
    [InlineData(@"(?:ab|c){2}+[$]\$?", @"(?>(?:ab|c){2})[$]\$?")]
    [InlineData(@"[]{+]{2,}+x++\x{41}{2}", @"(?>[]{+]{2,})x++\x{41}{2}")]
    [InlineData(SplitPatterns.O200K, SplitPatterns.O200K)]
    public void APatternIsWrittenForOtherEngines(string pattern, string portable)
    {
        Assert.Equal(portable, PortablePattern.Of(pattern));
        Assert.Equal(portable, PortablePattern.Of(portable));
    }

    [Fact]
    public void NestedClassesIntersect()
    {
        var scanner = new TableScanner(PatternAutomaton.Compile(@"[\p{L}&&[^\p{Han}a]]+|[x[yz]1]"));
        Assert.Equal(["bc", "\u3042", "1"], Matches(scanner, Encoding.UTF8.GetBytes("abc\u65E5\u3042" + "a1")));
    }

    [Fact]
    public void TheLongSAndTheKelvinSignIgnoreCase()
    {
        var scanner = new TableScanner(PatternAutomaton.Compile("(?i:[sk])"));
        Assert.Equal(["\u017F", "\u212A", "S"], Matches(scanner, "\u017F\u212AS"u8.ToArray()));
    }

    [Theory]
    [InlineData("a(b", 1, "never closed")]
    [InlineData("a)", 1, "closes nothing")]
    [InlineData("*a", 0, "repeats nothing")]
    [InlineData(@"a\q", 1, "escape")]
    [InlineData(@"x(?<=a)b", 1, "looks back")]
    [InlineData("(?:ab)++c", 0, "possessive")]
    [InlineData("a{9999}", 1, "repeat counts")]
    [InlineData("[z-a]", 1, "ends before")]
    [InlineData("(?m:a)", 2, "flag")]
    [InlineData("((((){255}){255}){255}){255}", 3, "too large")]
    [InlineData("(?:a?){255}(?:a?){255}(?:a?){255}(?:a?){255}", 0, "too large")]
    [InlineData("[ab]*a[ab]{30}", 0, "too large")]
    [InlineData(@"(?:(?:(?:a{200}){200}){200})", 9, "too large")]
    public void WhatCannotBeCompiledIsNamedAtItsColumn(string pattern, int column, string reason)
    {
        var error = Assert.Throws<PatternException>(() => PatternAutomaton.Compile(pattern));
        Assert.Contains(reason, error.Reason);
        Assert.Equal(column, error.Column);
    }

    private static List<string> Matches(TableScanner scanner, byte[] text)
    {
        var cuts = new int[text.Length + 2];
        int count = scanner.Cut(text, 0, cuts), from = 0;
        var matches = new List<string>();
        foreach (int cut in cuts[..count])
        {
            if (cut >= 0) matches.Add(Encoding.UTF8.GetString(text, from, cut - from));
            from = cut < 0 ? ~cut : cut;
        }
        Assert.Equal(text.Length, from);
        return matches;
    }
}
