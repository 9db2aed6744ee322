using System.Globalization;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>The functions that every template has.</summary>
internal static class TemplateFunctions
{
    private const int LongestRange = 100_000; // as in Jinja's sandbox

    private static readonly Dictionary<string, ITemplateFunction> All = new()
    {
        ["raise_exception"] = new Function((run, arguments) => throw run.Error(TemplateValues.Text(run, arguments.Get(0, "message")))),
        ["namespace"] = new Function((_, arguments) => new TemplateNamespace(arguments.Named)),
        ["dict"] = new Function((_, arguments) => new Dictionary<string, object?>(arguments.Named)),
        ["range"] = new Function(Range),
        ["strftime_now"] = new Function((run, arguments) => Time(run, TemplateValues.Text(run, arguments.Get(0, "format")))),
    };

    internal static object? Get(string name) => All.TryGetValue(name, out var function) ? function : Undefined.Value;

    private static object? Range(TemplateRun run, TemplateCallArguments arguments)
    {
        long[] bounds = [.. arguments.Positional.Take(4).Select(bound => bound as long? ?? throw run.Error("range takes integers"))];
        var (start, end, step) = bounds.Length switch { 1 => (0L, bounds[0], 1L), 2 => (bounds[0], bounds[1], 1L), 3 => (bounds[0], bounds[1], bounds[2]), _ => (0L, 0L, 0L) };
        if (step == 0) throw run.Error("range takes one to three integers, the last not zero");
        var distance = step > 0 ? (Int128)end - start : (Int128)start - end;
        var size = Int128.Abs(step);
        var count = distance > 0 ? (distance - 1) / size + 1 : 0;
        if (count > LongestRange) throw run.Error($"the range has more than {LongestRange} numbers");
        run.Allocate(24 * (long)count);
        return TemplateValues.List(run, Enumerable.Range(0, (int)count).Select(object? (i) => start + i * step));
    }

    private static string Time(TemplateRun run, string format)
    {
        var now = DateTime.Now;
        var text = new TemplateText(run);
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            text.Append(format[++i] switch
            {
                'Y' => now.ToString("yyyy", CultureInfo.InvariantCulture),
                'm' => now.ToString("MM", CultureInfo.InvariantCulture),
                'd' => now.ToString("dd", CultureInfo.InvariantCulture),
                'B' => now.ToString("MMMM", CultureInfo.InvariantCulture),
                'b' => now.ToString("MMM", CultureInfo.InvariantCulture),
                'A' => now.ToString("dddd", CultureInfo.InvariantCulture),
                'a' => now.ToString("ddd", CultureInfo.InvariantCulture),
                'H' => now.ToString("HH", CultureInfo.InvariantCulture),
                'M' => now.ToString("mm", CultureInfo.InvariantCulture),
                'S' => now.ToString("ss", CultureInfo.InvariantCulture),
                'y' => now.ToString("yy", CultureInfo.InvariantCulture),
                '%' => "%",
                var other => throw run.Error($"the time format %{other} is not supported"),
            });
        }
        return text.ToString();
    }

    private sealed class Function(Func<TemplateRun, TemplateCallArguments, object?> call) : ITemplateFunction
    {
        public object? Call(TemplateRun run, TemplateCallArguments arguments) => call(run, arguments);
    }
}
