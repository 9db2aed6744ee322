using System.Diagnostics;

namespace ModelDsl.Examples.Tests;

/// <summary>Runs programs as a user would.</summary>
internal static class Programs
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>Starts the dotnet command.</summary>
    public static Process Start(string folder, params IEnumerable<string> arguments) => StartProgram(folder, "dotnet", arguments);

    /// <summary>Starts a program.</summary>
    public static Process StartProgram(string folder, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name); // of the build that runs these tests
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // leaves no process behind in a folder that is deleted
        return ChildProcess.Start(start);
    }

    /// <summary>Waits for the end.</summary>
    public static Task<Ended> End(this Process process) => process.End(s_patience);

    /// <summary>Runs the dotnet command, which must succeed.</summary>
    public static async Task<Ended> Succeeds(string folder, params string[] arguments)
    {
        var ended = await Start(folder, arguments).End();
        Assert.True(ended.Code == 0, $"dotnet {string.Join(' ', arguments)}\n{ended.Output}\n{ended.Errors}");
        return ended;
    }

    /// <summary>Starts the first example.</summary>
    public static Process StartTextGpt(string folder, params IEnumerable<string> arguments) =>
        Start(folder, [Path.Combine(AppContext.BaseDirectory, "TextGpt.dll"), .. arguments]);
}
