using System.Diagnostics;
using System.Runtime.InteropServices;
using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Processes;

/// <summary>How a victim ended.</summary>
/// <param name="Code">128 + N where signal N ended it.</param>
/// <param name="Started">Whether it came as far as the project's code.</param>
internal sealed record VictimEnd(int Code, bool Started, string Errors);

/// <summary>A <see cref="Victim"/> in a process of its own.</summary>
internal sealed partial class VictimProcess : IDisposable
{
    public const int Kill = 9, Terminate = 15, Interrupt = 2;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly Task<string> _output, _errors;

    /// <param name="limit">An argument of ulimit, such as "-n 64"; null for none.</param>
    public VictimProcess(string folder, VictimSettings settings, string? limit = null)
    {
        // Where this program was started in the background, its children would ignore SIGINT.
        string defaults = limit is null ? "" : $"ulimit {limit}; ";
        var start = new ProcessStartInfo("sh", ["-c", $"{defaults}exec env --default-signal=INT,TERM dotnet \"$@\"", "sh", Self.Path, Self.VictimCommand, .. Victim.Arguments(folder, settings)])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment.Remove("DOTNET_GCHeapHardLimit");
        _process = Process.Start(start)!;
        (_output, _errors) = (_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
    }

    /// <summary>Why there are none here; null where there are.</summary>
    public static string? Missing() => OperatingSystem.IsLinux() ? null : "needs Linux, for its signals";

    /// <summary>Waits a while, then sends a signal unless it has ended.</summary>
    public void Signal(int signal, TimeSpan delay)
    {
        if (!_process.WaitForExit(delay))
            _ = SendSignal(_process.Id, signal);
    }

    /// <exception cref="AttackException">It does not end.</exception>
    public VictimEnd End()
    {
        if (!_process.WaitForExit(s_patience))
        {
            _process.Kill();
            throw new AttackException($"the victim hangs: {_errors.Result}");
        }
        return new(_process.ExitCode, _output.Result.StartsWith(Victim.Ready, StringComparison.Ordinal), _errors.Result.Trim());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
