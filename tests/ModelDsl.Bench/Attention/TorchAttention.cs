using System.Diagnostics;
using System.Globalization;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Attention;

/// <summary>PyTorch in a process of its own: it is told a shape, and answers with its seconds.</summary>
internal sealed class TorchAttention : IDisposable
{
    private readonly Process _process;

    public TorchAttention(string python, int threads)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Attention", "attention_torch.py");
        var start = new ProcessStartInfo(python, [script, threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"; // the pages that this side has, too
        if (CpuInfo.BestIsa == CpuIsa.Avx512)
            start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX"; // an OpenBLAS older than the processor would take half its width
        _process = Process.Start(start)!;
        Version = Answer();
    }

    public string Version { get; }

    /// <summary>Seconds of a forward and of a backward pass, the latter 0 where the case has none.</summary>
    public (double Forward, double Backward) Measure(AttentionBenchCase c)
    {
        _process.StandardInput.WriteLine($"{c.Batch} {c.Heads} {c.KeyHeads} {c.Queries} {c.Keys} {c.HeadSize}");
        _process.StandardInput.Flush();
        string[] seconds = Answer().Split(' ');
        return (double.Parse(seconds[0], CultureInfo.InvariantCulture), double.Parse(seconds[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Answer() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("PyTorch has ended; see its message above.");
}
