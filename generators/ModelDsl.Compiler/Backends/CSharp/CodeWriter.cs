using System;
using System.Text;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>Text with indentation.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0) _text.Append(' ', 4 * _depth).Append(line);
        _text.Append('\n');
        return this;
    }

    /// <summary>A summary of one or more lines.</summary>
    public CodeWriter Summary(params string[] lines)
    {
        if (lines.Length == 1 && lines[0].Length < 100) return Line($"/// <summary>{Escape(lines[0])}</summary>");
        Line("/// <summary>");
        for (int i = 0; i < lines.Length; i++) Line("/// " + Escape(lines[i]) + (i < lines.Length - 1 ? "<br/>" : ""));
        return Line("/// </summary>");
    }

    /// <summary>A line, then a block in braces.</summary>
    public CodeWriter Block(string head, Action body) => Line(head).Line("{").Indent(body).Line("}");

    /// <summary>Lines one step further in.</summary>
    public CodeWriter Indent(Action body)
    {
        _depth++;
        body();
        _depth--;
        return this;
    }

    public override string ToString() => _text.ToString();

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
