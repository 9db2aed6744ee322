using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>C# text with indentation, wrapped at <see cref="Columns"/>.</summary>
internal sealed class CodeWriter
{
    public const int Columns = 150;
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
        lines = lines.SelectMany(l => Wrap(l, Columns - 4 * _depth - 10)).ToArray();
        if (lines.Length == 1 && lines[0].Length < 100) return Line($"/// <summary>{Escape(lines[0])}</summary>");
        Line("/// <summary>");
        for (int i = 0; i < lines.Length; i++) Line("/// " + Escape(lines[i]) + (i < lines.Length - 1 ? "<br/>" : ""));
        return Line("/// </summary>");
    }

    public CodeWriter Comment(string text)
    {
        foreach (string line in Wrap(text, Columns - 4 * _depth - 3)) Line("// " + line);
        return this;
    }

    /// <summary>"head(a, b, c)tail": on one line where it fits, else the items on lines of their own, as many a line as fit.</summary>
    public CodeWriter List(string head, IEnumerable<string> items, string tail)
    {
        string[] all = items.ToArray();
        string line = head + string.Join(", ", all) + tail;
        if (line.Length + 4 * _depth <= Columns || all.Length == 0) return Line(line);
        Line(head.TrimEnd());
        var current = "";
        return Indent(() =>
        {
            for (int i = 0; i < all.Length; i++)
            {
                string item = all[i] + (i < all.Length - 1 ? "," : tail);
                if (current.Length > 0 && current.Length + 1 + item.Length + 4 * _depth > Columns)
                {
                    Line(current);
                    current = "";
                }
                current += (current.Length > 0 ? " " : "") + item;
            }
            Line(current);
        });
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

    /// <summary>The lines of another writer at this one's depth.</summary>
    public CodeWriter Append(CodeWriter other)
    {
        foreach (string line in other.ToString().TrimEnd('\n').Split('\n')) Line(line);
        return this;
    }

    public override string ToString() => _text.ToString();

    private static IEnumerable<string> Wrap(string text, int columns)
    {
        string indent = "";
        while (text.Length > columns)
        {
            int cut = text.LastIndexOf(' ', columns);
            if (cut <= indent.Length) break;
            yield return text.Substring(0, cut).TrimEnd();
            indent = "    ";
            text = indent + text.Substring(cut).TrimStart();
        }
        yield return text;
    }

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
