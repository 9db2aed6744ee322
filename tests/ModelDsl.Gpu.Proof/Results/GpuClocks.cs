using System.ComponentModel;
using System.Diagnostics;

namespace ModelDsl.Gpu.Proof;

/// <summary>Clocks, temperature and power of the GPUs, from nvidia-smi: figures without them are not comparable.</summary>
internal static class GpuClocks
{
    private const string Fields = "name,driver_version,clocks.sm,clocks.max.sm,clocks.mem,temperature.gpu,power.draw,power.limit";

    /// <summary>A readable line, or null if there is no nvidia-smi.</summary>
    public static string? Read() => Query(Fields + ",clocks_event_reasons.active") ?? Query(Fields); // older drivers use another name for the reasons

    private static string? Query(string fields)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", [$"--query-gpu={fields}", "--format=csv,noheader"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? string.Join("; ", output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Describe)) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string Describe(string line) => line.Split(", ") is [var name, var driver, var clock, var most, var memory, var heat, var power, var limit, .. var reasons]
        ? $"{name}, driver {driver}, {clock} of {most}, memory {memory}, {heat} C, {power} of {limit}{string.Concat(reasons.Select(reason => $", throttle reasons {reason}"))}"
        : line;
}
