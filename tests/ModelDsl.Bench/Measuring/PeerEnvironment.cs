using System.Diagnostics;
using System.Runtime.InteropServices;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Measuring;

/// <summary>
/// The settings that give a native peer its best, which it reads from the environment when it is loaded. .NET cannot
/// change what native code sees of the environment, so the process starts itself again with them.
/// </summary>
internal static class PeerEnvironment
{
    private const string Marker = "MODELDSL_BENCH_ENVIRONMENT";

    /// <summary>Returns false in the process that has the settings; true when that one has run and ended.</summary>
    public static bool Restart(int threads, out int exitCode)
    {
        exitCode = 0;
        if (Environment.GetEnvironmentVariable(Marker) != null)
            return false;
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        string[] command = Environment.GetCommandLineArgs();
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(command[0]);
        foreach (string argument in command[1..])
            start.ArgumentList.Add(argument);
        start.Environment[Marker] = "1";
        Apply(start, threads);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        exitCode = process.ExitCode;
        return true;
    }

    /// <summary>Gives a process that is about to start the settings.</summary>
    public static void Apply(ProcessStartInfo start, int threads)
    {
        // A size of the cache that is not this processor's would cut OpenBLAS's blocks short.
        start.Environment.Remove("OPENBLAS_L2_SIZE");
        foreach (var (name, value) in Settings(threads))
            start.Environment[name] = value;
    }

    private static IEnumerable<(string Name, string Value)> Settings(int threads)
    {
        yield return ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
        foreach (string library in new[] { "OMP", "OPENBLAS", "BLIS", "MKL" })
            yield return ($"{library}_NUM_THREADS", $"{threads}");
        const string openMp = "libgomp.so.1";
        if (NativeLibrary.TryLoad(openMp, out _))
        {
            // MKL does not load the OpenMP that it wants itself.
            yield return ("MKL_THREADING_LAYER", "GNU");
            yield return ("LD_PRELOAD", $"{openMp} {Environment.GetEnvironmentVariable("LD_PRELOAD")}");
        }
        if (CpuInfo.BestIsa == CpuIsa.Avx512)
        {
            // Libraries older than the processor do not know it and would take kernels of half its width.
            yield return ("OPENBLAS_CORETYPE", "SkylakeX");
            yield return ("BLIS_ARCH_TYPE", "0");
        }
    }
}
