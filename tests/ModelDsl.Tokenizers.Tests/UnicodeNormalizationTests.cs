using System.Text;
using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Normalizing;

namespace ModelDsl.Tokenizers.Tests;

public class UnicodeNormalizationTests
{
    // Rows of the Unicode standard's NormalizationTest.txt: source, NFC, NFD, NFKC, NFKD.
    [Theory]
    [InlineData("\u1E0A", "\u1E0A", "D\u0307", "\u1E0A", "D\u0307")]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307", "D\u0323\u0307", "\u1E0C\u0307", "D\u0323\u0307")]
    [InlineData("\uFB01", "\uFB01", "\uFB01", "fi", "fi")]
    [InlineData("\u212B", "\u00C5", "A\u030A", "\u00C5", "A\u030A")]
    [InlineData("\uAC01", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("\u0344", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("a\u05AE\u0300\u0315b", "\u00E0\u05AE\u0315b", "a\u05AE\u0300\u0315b", "\u00E0\u05AE\u0315b", "a\u05AE\u0300\u0315b")]
    [InlineData("\uFDFA", "\uFDFA", "\uFDFA", "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064A\u0647 \u0648\u0633\u0644\u0645", "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064A\u0647 \u0648\u0633\u0644\u0645")]
    [InlineData("\u3131\uFF76\uFF9E", "\u3131\uFF76\uFF9E", "\u3131\uFF76\uFF9E", "\u1100\u30AC", "\u1100\u30AB\u3099")]
    public void TheFourForms(string source, string nfc, string nfd, string nfkc, string nfkd)
    {
        Assert.Equal(nfc, Normalize(source, compose: true, compatibility: false));
        Assert.Equal(nfd, Normalize(source, compose: false, compatibility: false));
        Assert.Equal(nfkc, Normalize(source, compose: true, compatibility: true));
        Assert.Equal(nfkd, Normalize(source, compose: false, compatibility: true));
    }

    /// <summary>The whole NormalizationTest.txt of Unicode 15, where the environment says that it lies.</summary>
    [NormalizationTestFact]
    public void TheUnicodeTestFile()
    {
        foreach (string line in File.ReadLines(NormalizationTestFactAttribute.File!))
        {
            string[] columns = line.Split('#')[0].Split(';');
            if (columns.Length < 5) continue;
            string[] texts = [.. columns.Take(5).Select(column => string.Concat(column.Trim().Split(' ').Select(hex => char.ConvertFromUtf32(Convert.ToInt32(hex, 16)))))];
            for (int i = 0; i < 5; i++)
            {
                Assert.True(Normalize(texts[i], true, false) == texts[i < 3 ? 1 : 3], line);
                Assert.True(Normalize(texts[i], false, false) == texts[i < 3 ? 2 : 4], line);
                Assert.True(Normalize(texts[i], true, true) == texts[3], line);
                Assert.True(Normalize(texts[i], false, true) == texts[4], line);
            }
        }
    }

    private static string Normalize(string source, bool compose, bool compatibility)
    {
        var text = new NormalizedText();
        text.Reset(Encoding.UTF8.GetBytes(source), 0, tracksSources: true, TokenizerLimits.Default);
        Normalizer.Build(new NormalizerDefinition.Form(compose, compatibility), "test", new PatternBudget())[0].Apply(text);
        return Encoding.UTF8.GetString(text.Text);
    }
}

/// <summary>A test that needs NormalizationTest.txt of Unicode 15; skipped by name where MODELDSL_NORMALIZATION_TEST does not name it.</summary>
internal sealed class NormalizationTestFactAttribute : FactAttribute
{
    internal static readonly string? File = Environment.GetEnvironmentVariable("MODELDSL_NORMALIZATION_TEST");

    public NormalizationTestFactAttribute()
    {
        if (File is null) Skip = "Set MODELDSL_NORMALIZATION_TEST to the Unicode 15 file NormalizationTest.txt.";
    }
}
