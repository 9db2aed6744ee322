using System.Diagnostics;

namespace ModelDsl.Examples.Tests;

/// <summary>Programs run as a user would, and what they wrote.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>What a program that ended left behind.</summary>
    public sealed record Ended(int Code, string Output, string Errors);

    /// <summary>Starts the dotnet command.</summary>
    public static Process Start(string folder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name); // of the build that these tests run in
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // no process stays behind in a folder that goes
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end.</summary>
    public static async Task<Ended> End(this Process process)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
            return new(process.ExitCode, await output, await errors);
        }
    }

    /// <summary>Starts the first example.</summary>
    public static Process StartTextGpt(string folder, params IEnumerable<string> arguments) =>
        Start(folder, [Path.Combine(AppContext.BaseDirectory, "TextGpt.dll"), .. arguments]);
}
