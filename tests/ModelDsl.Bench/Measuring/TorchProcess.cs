using System.Diagnostics;

namespace ModelDsl.Bench.Measuring;

/// <summary>A Python script with PyTorch in a process of its own, with the settings that give it its best; speaks in lines.</summary>
internal sealed class TorchProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="script">A path below the folder of this program.</param>
    public TorchProcess(string python, string script, int threads, params IEnumerable<object> arguments)
    {
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, script), .. arguments.Select(a => FormattableString.Invariant($"{a}"))])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        PeerEnvironment.Apply(start, threads);
        _process = Process.Start(start)!;
    }

    /// <summary>Sends a line.</summary>
    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for the next line.</summary>
    public string Answer() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("PyTorch has ended; see its message above.");

    public string Ask(string line)
    {
        Tell(line);
        return Answer();
    }

    /// <summary>Says that there are no more lines.</summary>
    public void Close() => _process.StandardInput.Close();

    public void Dispose()
    {
        Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
