using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>Values as JSON with Python's spacing (", " and ": "), and as Python itself would print them.</summary>
internal static class TemplateJson
{
    /// <param name="indent">Spaces a level; 0: on one line.</param>
    internal static string Json(object? value, int indent)
    {
        var text = new StringBuilder();
        Write(text, value, indent, 0, python: false);
        return text.ToString();
    }

    internal static string Python(object? value)
    {
        var text = new StringBuilder();
        Write(text, value, 0, 0, python: true);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? value, int indent, int depth, bool python)
    {
        if (depth > 100) throw new ChatTemplateException("A value is nested too deeply to be written as JSON.");
        switch (value)
        {
            case null or Undefined:
                text.Append(python ? "None" : "null");
                break;
            case bool flag:
                text.Append(python ? flag ? "True" : "False" : flag ? "true" : "false");
                break;
            case string written:
                text.Append(python ? "'" + written.Replace("\\", "\\\\").Replace("'", "\\'").Replace("\n", "\\n") + "'" : JsonString(written));
                break;
            case IReadOnlyDictionary<string, object?> map:
                Sequence(text, '{', '}', map, indent, depth, pair =>
                {
                    Write(text, pair.Key, indent, depth + 1, python);
                    text.Append(": ");
                    Write(text, pair.Value, indent, depth + 1, python);
                });
                break;
            case IEnumerable list:
                Sequence(text, '[', ']', list.Cast<object?>().ToList(), indent, depth, item => Write(text, item, indent, depth + 1, python));
                break;
            default:
                text.Append(value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value.ToString());
                break;
        }
    }

    private static void Sequence<T>(StringBuilder text, char open, char close, IReadOnlyCollection<T> items, int indent, int depth, Action<T> write)
    {
        text.Append(open);
        bool first = true;
        foreach (var item in items)
        {
            if (!first) text.Append(indent > 0 ? "," : ", ");
            if (indent > 0) text.Append('\n').Append(' ', indent * (depth + 1));
            write(item);
            first = false;
        }
        if (indent > 0 && !first) text.Append('\n').Append(' ', indent * depth);
        text.Append(close);
    }

    private static string JsonString(string text) => "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
}
