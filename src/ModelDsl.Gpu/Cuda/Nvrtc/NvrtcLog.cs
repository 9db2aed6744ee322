using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelDsl.Gpu.Cuda;

/// <summary>Reads NVRTC's log: <c>adamw.c(12): error: identifier "x" is undefined</c>.</summary>
internal static partial class NvrtcLog
{
    /// <summary>The exception for a source that does not compile: the first error with its line's text, then the whole log.</summary>
    public static KernelCompilationException Error(
        KernelSource source, IReadOnlyList<(string Name, string Text)> headers, string log, string compiler)
    {
        string defines = string.Concat(source.Defines.Select(define => $", {define.Name}={define.Value}"));
        Match error = FirstError().Match(log);
        string message;
        if (error.Success)
        {
            string file = error.Groups["file"].Value;
            int line = int.Parse(error.Groups["line"].Value, CultureInfo.InvariantCulture);
            string? text = headers.Where(header => header.Name == file).Select(header => header.Text).Append(source.Text).First();
            message = $"{file}({line}): {error.Groups["message"].Value.Trim()}\n{line,6} | {LineOf(text, line)}\n";
        }
        else
        {
            message = $"{source.Name} does not compile.\n";
        }
        return new($"{message}{compiler}{defines}; the log:\n{log}", log);
    }

    private static string LineOf(string text, int line) => text.ReplaceLineEndings("\n").Split('\n').ElementAtOrDefault(line - 1)?.Trim() ?? "";

    [GeneratedRegex(@"^(?<file>[^\s(][^(\n]*)\((?<line>\d+)\): (?:catastrophic )?error(?: #[\w-]+)?: (?<message>.*)$", RegexOptions.Multiline)]
    private static partial Regex FirstError();
}
