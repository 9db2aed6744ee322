using System.Globalization;
using System.Text;

namespace ModelDsl.Tokenizers.Chat;

internal enum TemplateTokenKind { Literal, OpenOutput, CloseOutput, OpenBlock, CloseBlock, Name, String, Number, Operator, End }

internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, TemplatePlace Place, object? Value = null);

/// <summary>Cuts a template into text and the tokens of its tags.</summary>
internal sealed class TemplateLexer(string template)
{
    // A line's end at the very end is not part of the text.
    private readonly string source = template.EndsWith('\n') ? template[..^1] : template;

    private static readonly string[] Operators = ["==", "!=", "<=", ">=", "//", "**", "<", ">", "+", "-", "*", "/", "%", "~", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|", "="];

    private readonly List<TemplateToken> tokens = [];
    private int at, line = 1, lineStart;

    private TemplatePlace Place => new(line, at - lineStart + 1);

    internal List<TemplateToken> Read()
    {
        while (at < source.Length) ReadText();
        tokens.Add(new TemplateToken(TemplateTokenKind.End, "", Place));
        return tokens;
    }

    private void ReadText()
    {
        int open = at;
        while (open < source.Length && !(source[open] == '{' && open + 1 < source.Length && source[open + 1] is '{' or '%' or '#')) open++;
        string text = source[at..open];
        bool block = open < source.Length && source[open + 1] != '{';
        bool trimBefore = open + 2 < source.Length && source[open + 2] == '-';
        // Before a block on a line of its own the indentation goes (lstrip_blocks).
        if (trimBefore) text = text.TrimEnd();
        else if (block && open + 2 < source.Length && source[open + 2] != '+') text = StripIndent(text);
        AddText(text);
        Advance(open);
        if (at >= source.Length) return;
        char kind = source[at + 1];
        if (kind == '#') SkipComment();
        else ReadTag(kind == '%');
    }

    private string StripIndent(string text)
    {
        int end = text.Length;
        while (end > 0 && text[end - 1] is ' ' or '\t') end--;
        bool lineStart = end == 0 ? at == 0 || source[at - 1] == '\n' : text[end - 1] == '\n';
        return lineStart ? text[..end] : text;
    }

    private void AddText(string text)
    {
        if (text.Length > 0) tokens.Add(new TemplateToken(TemplateTokenKind.Literal, text, Place));
    }

    private void SkipComment()
    {
        int close = source.IndexOf("#}", at + 2, StringComparison.Ordinal);
        if (close < 0) throw Error("a comment is never closed");
        bool trim = source[close - 1] == '-';
        Advance(close + 2);
        AfterTag(trim, block: true);
    }

    private void ReadTag(bool block)
    {
        string close = block ? "%}" : "}}";
        var begin = Place;
        tokens.Add(new TemplateToken(block ? TemplateTokenKind.OpenBlock : TemplateTokenKind.OpenOutput, "", begin));
        Advance(at + 2);
        if (at < source.Length && source[at] is '-' or '+') at++;
        int depth = 0;
        while (true)
        {
            while (at < source.Length && char.IsWhiteSpace(source[at])) Advance(at + 1);
            if (at >= source.Length) throw begin.Error("a tag is never closed");
            bool trim = source[at] == '-' && string.CompareOrdinal(source, at + 1, close, 0, 2) == 0;
            if (depth == 0 && (trim || string.CompareOrdinal(source, at, close, 0, 2) == 0))
            {
                tokens.Add(new TemplateToken(block ? TemplateTokenKind.CloseBlock : TemplateTokenKind.CloseOutput, "", Place));
                Advance(at + (trim ? 3 : 2));
                AfterTag(trim, block);
                return;
            }
            var token = ReadToken();
            if (token is { Kind: TemplateTokenKind.Operator, Text: "{" or "[" or "(" }) depth++;
            if (token is { Kind: TemplateTokenKind.Operator, Text: "}" or "]" or ")" }) depth--;
            tokens.Add(token);
        }
    }

    // Behind a block the line's end goes (trim_blocks); behind a minus all white space.
    private void AfterTag(bool trim, bool block)
    {
        if (trim)
            while (at < source.Length && char.IsWhiteSpace(source[at])) Advance(at + 1);
        else if (block && at < source.Length && source[at] == '\n') Advance(at + 1);
        else if (block && at + 1 < source.Length && source[at] == '\r' && source[at + 1] == '\n') Advance(at + 2);
    }

    private TemplateToken ReadToken()
    {
        char c = source[at];
        int start = at;
        var place = Place;
        if (c is '"' or '\'') return ReadString(c);
        if (char.IsAsciiDigit(c))
        {
            while (at < source.Length && char.IsAsciiDigit(source[at])) at++;
            if (at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]))
                for (at++; at < source.Length && char.IsAsciiDigit(source[at]); at++) { }
            string number = source[start..at];
            object value = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long integer) ? (object)integer : double.Parse(number, CultureInfo.InvariantCulture);
            return new TemplateToken(TemplateTokenKind.Number, number, place, value);
        }
        if (char.IsLetter(c) || c == '_')
        {
            while (at < source.Length && (char.IsLetterOrDigit(source[at]) || source[at] == '_')) at++;
            return new TemplateToken(TemplateTokenKind.Name, source[start..at], place);
        }
        foreach (string op in Operators)
            if (string.CompareOrdinal(source, at, op, 0, op.Length) == 0)
            {
                at += op.Length;
                return new TemplateToken(TemplateTokenKind.Operator, op, place);
            }
        throw Error($"the character '{c}' is not understood");
    }

    private TemplateToken ReadString(char quote)
    {
        var text = new StringBuilder();
        var begin = Place;
        for (at++; ; at++)
        {
            if (at >= source.Length) throw begin.Error("a string is never closed");
            if (source[at] == quote) break;
            if (source[at] == '\n') NewLine();
            if (source[at] != '\\' || at + 1 >= source.Length)
            {
                text.Append(source[at]);
                continue;
            }
            at++;
            if (source[at] == 'u' && at + 4 < source.Length && int.TryParse(source.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int unit))
            {
                text.Append((char)unit);
                at += 4;
                continue;
            }
            text.Append(source[at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', '0' => '\0', var other => other });
        }
        at++;
        return new TemplateToken(TemplateTokenKind.String, text.ToString(), begin);
    }

    private void Advance(int to)
    {
        for (; at < to && at < source.Length; at++)
            if (source[at] == '\n') NewLine();
    }

    // The line that begins behind the line feed at `at`.
    private void NewLine() => (line, lineStart) = (line + 1, at + 1);

    private ChatTemplateException Error(string what) => Place.Error(what);
}
