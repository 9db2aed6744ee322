using System.Diagnostics;

namespace ModelDsl.Examples.Tests;

/// <summary>Programs run as a user would, and what they wrote.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>What a program that ended left behind.</summary>
    public sealed record Ended(int Code, string Output, string Errors);

    /// <summary>Starts the dotnet command.</summary>
    public static Process Start(string folder, params IEnumerable<string> arguments) => StartProgram(folder, "dotnet", arguments);

    /// <summary>Starts a program.</summary>
    public static Process StartProgram(string folder, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
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

    /// <summary>Runs the dotnet command, which must succeed.</summary>
    public static async Task<Ended> Succeeds(string folder, params string[] arguments)
    {
        var ended = await Start(folder, arguments).End();
        Assert.True(ended.Code == 0, $"dotnet {string.Join(' ', arguments)}\n{ended.Output}\n{ended.Errors}");
        return ended;
    }

    /// <summary>The folder that holds this repository.</summary>
    public static string Repository { get; } = FindRepository();

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ModelDsl.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }

    /// <summary>Starts the first example.</summary>
    public static Process StartTextGpt(string folder, params IEnumerable<string> arguments) =>
        Start(folder, [Path.Combine(AppContext.BaseDirectory, "TextGpt.dll"), .. arguments]);
}
