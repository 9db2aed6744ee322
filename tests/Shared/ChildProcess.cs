using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelDsl.Tests;

/// <summary>The exit code and output of a process.</summary>
internal sealed record Ended(int Code, string Output, string Errors)
{
    /// <summary>Standard output, then standard error.</summary>
    public string All => Output + Errors;
}

/// <summary>Processes that tests start: their output is captured, and one that does not end is killed.</summary>
internal static partial class ChildProcess
{
    private const int Interrupt = 2, Quit = 3;

    /// <summary>
    /// Starts a process with redirected streams. SIGINT and SIGQUIT have their default action in it even if this process
    /// was started with them ignored, as by nohup or in the background of a script, which a child would inherit.
    /// </summary>
    public static Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        if (OperatingSystem.IsWindows())
            return Process.Start(start)!;
        lock (typeof(ChildProcess))
        {
            nint interrupt = Signal(Interrupt, 0), quit = Signal(Quit, 0);
            try
            {
                return Process.Start(start)!;
            }
            finally
            {
                Signal(Interrupt, interrupt);
                Signal(Quit, quit);
            }
        }
    }

    /// <summary>Writes the input, closes it, and waits for the end.</summary>
    /// <exception cref="TimeoutException">The process did not end within <paramref name="patience"/> and was killed; the message has its output.</exception>
    public static async Task<Ended> End(this Process process, TimeSpan patience, string input = "")
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            using var timeout = new CancellationTokenSource(patience);
            try
            {
                await WriteInput(process, Encoding.UTF8.GetBytes(input), timeout.Token);
                await process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                var start = process.StartInfo;
                throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end within {patience}:\n{await output}{await errors}");
            }
            return new(process.ExitCode, await output, await errors);
        }
    }

    /// <summary>Starts a process and waits for its end.</summary>
    /// <inheritdoc cref="End"/>
    public static Task<Ended> Run(ProcessStartInfo start, TimeSpan patience, string input = "") => Start(start).End(patience, input);

    private static async Task WriteInput(Process process, byte[] input, CancellationToken timeout)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, timeout);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended without reading its input.
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);
}
