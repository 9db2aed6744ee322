namespace ModelDsl.Tokenizers.Chat;

/// <summary>What strings can do, within the limits of a rendering.</summary>
internal static class TemplateStrings
{
    internal static string Trim(TemplateRun run, string text)
    {
        run.Make(text.Length);
        return text.Trim();
    }

    /// <summary>strip, lstrip and rstrip, of white space or of given characters.</summary>
    internal static string Strip(TemplateRun run, string text, TemplateCallArguments arguments, bool start, bool end)
    {
        string characters = TemplateValues.Text(run, arguments.Get(0, "chars", ""));
        run.Make(text.Length);
        run.Step((long)text.Length * characters.Length / 16);
        bool Goes(char c) => characters.Length == 0 ? char.IsWhiteSpace(c) : characters.Contains(c);
        int from = 0, to = text.Length;
        while (start && from < to && Goes(text[from])) from++;
        while (end && to > from && Goes(text[to - 1])) to--;
        return text[from..to];
    }

    internal static string Join(TemplateRun run, string separator, IEnumerable<object?> items)
    {
        var text = new TemplateText(run);
        bool first = true;
        foreach (object? item in items)
        {
            if (!first) text.Append(separator);
            text.Append(TemplateValues.Text(run, item));
            first = false;
        }
        return text.ToString();
    }

    /// <summary>replace(old, new) and replace(old, new, count).</summary>
    internal static string Replace(TemplateRun run, string text, TemplateCallArguments arguments)
    {
        string old = Part(run, arguments, "old"), by = TemplateValues.Text(run, arguments.Get(1, "new", ""));
        long most = arguments.Get(2, "count") is long count and >= 0 ? count : long.MaxValue;
        run.Search(text, old);
        var output = new TemplateText(run);
        int from = 0;
        for (int found; most > 0 && (found = text.IndexOf(old, from, StringComparison.Ordinal)) >= 0; most--, from = found + old.Length)
        {
            run.Step();
            output.Append(text.AsSpan(from, found - from));
            output.Append(by);
        }
        output.Append(text.AsSpan(from));
        return output.ToString();
    }

    internal static long Count(TemplateRun run, string text, TemplateCallArguments arguments)
    {
        string part = Part(run, arguments, "sub");
        run.Search(text, part);
        long count = 0;
        for (int found = -part.Length; (found = text.IndexOf(part, found + part.Length, StringComparison.Ordinal)) >= 0; count++) run.Step();
        return count;
    }

    internal static long Find(TemplateRun run, string text, TemplateCallArguments arguments)
    {
        string part = TemplateValues.Text(run, arguments.Get(0, "sub", ""));
        run.Search(text, part);
        return text.IndexOf(part, StringComparison.Ordinal);
    }

    /// <summary>split(sep) and split(sep, maxsplit); without a separator at runs of white space.</summary>
    internal static List<object?> Split(TemplateRun run, string text, TemplateCallArguments arguments)
    {
        long cuts = arguments.Get(1, "maxsplit") is long most and >= 0 ? most : long.MaxValue;
        var parts = new List<object?>();
        int from = 0;
        if (arguments.Get(0, "sep") is not null and not Undefined)
        {
            string separator = Part(run, arguments, "sep");
            run.Search(text, separator);
            for (int found; cuts > 0 && (found = text.IndexOf(separator, from, StringComparison.Ordinal)) >= 0; cuts--, from = found + separator.Length)
                Add(run, parts, text, from, found);
            Add(run, parts, text, from, text.Length);
            return parts;
        }
        while (true)
        {
            while (from < text.Length && char.IsWhiteSpace(text[from])) from++;
            if (from == text.Length) return parts;
            int end = from;
            while (end < text.Length && (cuts == 0 || !char.IsWhiteSpace(text[end]))) end++;
            Add(run, parts, text, from, end);
            (from, cuts) = (end, cuts - 1);
        }
    }

    internal static List<object?> Lines(TemplateRun run, string text)
    {
        var lines = new List<object?>();
        for (int from = 0; from < text.Length;)
        {
            int end = text.AsSpan(from).IndexOfAny('\r', '\n');
            end = end < 0 ? text.Length : from + end;
            Add(run, lines, text, from, end);
            from = end + (end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n' ? 2 : 1);
        }
        return lines;
    }

    private static void Add(TemplateRun run, List<object?> parts, string text, int from, int end)
    {
        run.Make(end - from);
        TemplateValues.Add(run, parts, text[from..end]);
    }

    // The first argument: a text that is looked for.
    private static string Part(TemplateRun run, TemplateCallArguments arguments, string name)
    {
        string part = TemplateValues.Text(run, arguments.Get(0, name, ""));
        return part.Length > 0 ? part : throw run.Error("the text to look for is empty");
    }
}
