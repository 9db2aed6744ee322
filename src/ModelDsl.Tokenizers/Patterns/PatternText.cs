using System.Text;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>Patterns from text.</summary>
internal static class PatternText
{
    private const int LongestShown = 200;

    /// <summary>A pattern as messages show it.</summary>
    internal static string Shown(string pattern) => pattern.Length <= LongestShown ? pattern : pattern[..LongestShown] + "...";

    /// <summary>The pattern that matches exactly a text.</summary>
    internal static string Literal(string text)
    {
        var pattern = new StringBuilder();
        foreach (var rune in text.EnumerateRunes()) pattern.Append($@"\x{{{rune.Value:X}}}");
        return pattern.ToString();
    }
}
