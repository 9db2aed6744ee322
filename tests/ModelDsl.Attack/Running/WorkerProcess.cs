using System.Diagnostics;
using System.Text;

namespace ModelDsl.Attacks.Running;

/// <summary>A process of this program that runs cases.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int MostErrors = 20_000; // a stack overflow prints its whole stack

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    public WorkerProcess(Attack attack, ulong seed, long from, long until, string counters, string scratch, string output)
    {
        var start = new ProcessStartInfo("dotnet", [Self.Path, Self.WorkerCommand, attack.Name, $"{seed}", $"{from}", $"{until}", counters, scratch, output])
        {
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = $"0x{(long)attack.Limits.HeapMegabytes << 20:X}";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0"; // cases are many and short
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                if (_errors.Length < MostErrors)
                    _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString().Trim();
        }
    }

    public int ExitCode => _process.ExitCode;

    /// <summary>What the runtime said of its end, and the first method of the project that it names.</summary>
    public string Cause
    {
        get
        {
            string[] lines = Errors.Split('\n');
            string? said = lines.FirstOrDefault(line => line.Contains("overflow") || line.Contains("Fatal error") || line.Contains("Unhandled") || line.Contains("ut of memory"));
            string? method = lines.FirstOrDefault(line => line.Contains("at ModelDsl."))?.Trim().Split('(')[0];
            return (said is null ? "" : $", {said.Trim()}") + (method is null ? "" : $" {method}");
        }
    }

    public TimeSpan ProcessorTime
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                return default; // it has just ended
            }
        }
    }

    /// <summary>True where it has ended.</summary>
    public bool WaitForExit(TimeSpan patience)
    {
        if (!_process.WaitForExit(patience))
            return false;
        _process.WaitForExit(); // and all of its output is there
        return true;
    }

    /// <summary>Kills the process and those that it started; false where it had ended by itself.</summary>
    public bool Kill()
    {
        bool runs = !_process.HasExited;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        return runs;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
