using System.Collections;
using System.Globalization;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>Values as JSON with Python's spacing (", " and ": ") and escapes, and as Python itself would print them.</summary>
internal sealed class TemplateJson
{
    private const int BytesPerSequence = 256; // an enumerator and a delegate

    private readonly TemplateRun run;
    private readonly TemplateText text;
    private readonly long indent;
    private readonly bool python;

    private TemplateJson(TemplateRun run, long indent, bool python)
    {
        (this.run, this.indent, this.python) = (run, indent, python);
        text = new TemplateText(run);
    }

    /// <param name="indent">Spaces a level; 0: on one line.</param>
    internal static string Json(TemplateRun run, object? value, long indent) => Print(run, value, indent, python: false);

    internal static string Python(TemplateRun run, object? value) => Print(run, value, 0, python: true);

    private static string Print(TemplateRun run, object? value, long indent, bool python)
    {
        var printer = new TemplateJson(run, indent, python);
        printer.Write(value, 1);
        return printer.text.ToString();
    }

    private void Write(object? value, int level)
    {
        var place = run.Enter();
        switch (value)
        {
            case null or Undefined:
                text.Append(python ? "None" : "null");
                break;
            case bool flag:
                text.Append(python ? flag ? "True" : "False" : flag ? "true" : "false");
                break;
            case string written:
                WriteString(written);
                break;
            case IReadOnlyDictionary<string, object?> map:
                Sequence('{', '}', map, level, pair =>
                {
                    WriteString(pair.Key);
                    text.Append(": ");
                    Write(pair.Value, level + 1);
                });
                break;
            case IEnumerable list:
                Sequence('[', ']', list.Cast<object?>(), level, item => Write(item, level + 1));
                break;
            default:
                text.Append(TemplateValues.Text(run, value));
                break;
        }
        run.Leave(place);
    }

    private void Sequence<T>(char open, char close, IEnumerable<T> items, int level, Action<T> write)
    {
        run.Allocate(BytesPerSequence);
        text.Append(open);
        bool first = true;
        foreach (var item in items)
        {
            if (!first) text.Append(indent > 0 ? "," : ", ");
            NewLine(level);
            write(item);
            first = false;
        }
        if (!first) NewLine(level - 1);
        text.Append(close);
    }

    private void NewLine(int level)
    {
        if (indent <= 0) return;
        text.Append('\n');
        text.AppendSpaces(indent * level);
    }

    private void WriteString(string written)
    {
        char quote = python ? '\'' : '"';
        text.Append(quote);
        foreach (char c in written)
        {
            if (c == quote || c == '\\') text.Append('\\');
            switch (c)
            {
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case '\b' when !python: text.Append("\\b"); break;
                case '\f' when !python: text.Append("\\f"); break;
                case < ' ': text.Append((python ? "\\x" : "\\u00") + ((int)c).ToString("x2", CultureInfo.InvariantCulture)); break;
                default: text.Append(c); break;
            }
        }
        text.Append(quote);
    }
}
