namespace ModelDsl.Tokenizers.Chat;

/// <summary>A place in a template; lines and columns count from 1.</summary>
internal readonly record struct TemplatePlace(int Line, int Column)
{
    private const int LongestQuote = 60;

    internal ChatTemplateException Error(string reason) => new(reason.EndsWith('.') ? reason : reason + ".", Line, Column);

    /// <summary>A part of the template as messages show it.</summary>
    internal static string Quote(string text) => "'" + (text.Length <= LongestQuote ? text : text[..LongestQuote] + "...") + "'";
}
