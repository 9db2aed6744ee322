using System.Text;
using System.Text.RegularExpressions;

namespace ModelDsl.Gpu;

/// <summary>Turns a kernel compiler's log into an error that shows the source's own lines.</summary>
/// <remarks>
/// Compilers write a location as <c>adamw.c:7:12: error: ...</c> (clang, so most OpenCL drivers), <c>error: adamw.c:7:12: ...</c>
/// (PoCL) or <c>adamw.c(7): error: ...</c> (NVRTC).
/// </remarks>
internal static partial class CompilerLog
{
    private const int MostErrors = 5;

    /// <param name="device">The device whose compiler failed: "opencl:0 (Radeon)".</param>
    public static KernelCompilationException Error(KernelSource source, string device, string log)
    {
        string[] lines = source.Text.Split('\n');
        var message = new StringBuilder();
        List<Match> errors = [.. log.Split('\n').Where(line => line.Contains("error")).Select(line => Place().Match(line)).Where(match => match.Success)];
        foreach (Match error in errors.Take(MostErrors))
        {
            int number = int.Parse(error.Groups["line"].ValueSpan);
            message.Append($"{error.Groups["file"].Value}({number}): {error.Groups["text"].Value.Trim()}\n");
            if (error.Groups["file"].Value == source.Name && number <= lines.Length)
                message.Append($"    {lines[number - 1].Trim()}\n");
        }
        if (errors.Count > MostErrors)
            message.Append($"and {errors.Count - MostErrors} more\n");
        string defines = string.Concat(source.Defines.Select(define => $" -D{define.Name}={define.Value}"));
        return new($"{source.Name}{defines} does not compile on {device}:\n{(errors.Count > 0 ? message.ToString() : log)}".TrimEnd(), log);
    }

    [GeneratedRegex(@"(?<file>[^\s:()]+)(?::(?<line>\d+)(?::\d+)?|\((?<line>\d+)\))\s*:\s*(?:(?:fatal )?error\s*:)?(?<text>.*)$")]
    private static partial Regex Place();
}
