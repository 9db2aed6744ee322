using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>
/// The emulated CUDA driver and compiler: libraries with the real names that run kernels on the CPU, built with g++
/// once and kept in the temporary folder under a hash of their sources.
/// </summary>
/// <remarks>
/// There is one emulator in the process: tests that use it are in the collection <see cref="CudaEmulatorCollection"/> and
/// begin with <see cref="Reset"/>. If it cannot be built, <see cref="EmulatorFactAttribute"/> skips tests.
/// </remarks>
internal static unsafe class CudaEmulator
{
    private static readonly Lazy<(string? Folder, string? Problem)> s_build = new(BuildOnce);
    private static readonly Lazy<nint> s_driver = new(() => NativeLibrary.Load(Path.Combine(Folder, "libcuda.so.1")));

    /// <summary>Why there is no emulator; null if there is one.</summary>
    public static string? Problem => s_build.Value.Problem;

    /// <summary>The folder with libcuda.so.1, libnvrtc.so.12 and libcublasLt.so.12.</summary>
    public static string Folder => s_build.Value.Folder ?? throw new InvalidOperationException(Problem);

    /// <summary>Resets to a new device: no handles, no memory in use, no errors.</summary>
    /// <param name="capability">80 or 90.</param>
    /// <param name="driverVersion">12040 is CUDA 12.4.</param>
    public static void Reset(int capability = 90, int driverVersion = 12040, long memoryBytes = 1L << 30) =>
        ((delegate* unmanaged<int, int, nint, void>)Export("emulator_reset"))(capability, driverVersion, (nint)memoryBytes);

    /// <summary>Sets the number of devices: 0 or more.</summary>
    public static void SetDevices(int count) => ((delegate* unmanaged<int, void>)Export("emulator_set_devices"))(count);

    /// <summary>Sets the order in which threads run between two waits: 0 ascending, 1 descending, others shuffled with this seed, with warps that fall behind.</summary>
    public static void SetSchedule(uint order) => ((delegate* unmanaged<uint, void>)Export("emulator_set_schedule"))(order);

    /// <summary>Sets the CPU seconds that a grid may take, initially 300; then it ends with CUDA_ERROR_LAUNCH_TIMEOUT.</summary>
    public static void SetTimeLimit(double seconds) => ((delegate* unmanaged<double, void>)Export("emulator_set_time_limit"))(seconds);

    /// <summary>Makes a call of a driver's function, after <paramref name="calls"/> more of them, return <paramref name="result"/>; 700 to 719 break the context.</summary>
    /// <param name="function">The exported name: "cuMemAlloc_v2".</param>
    public static void Fail(string function, int result, int calls = 0)
    {
        nint name = Marshal.StringToCoTaskMemUTF8(function);
        ((delegate* unmanaged<nint, int, int, void>)Export("emulator_fail"))(name, calls, result);
        Marshal.FreeCoTaskMem(name);
    }

    /// <summary>The number of handles that were created and not destroyed: "memory", "pinned", "stream", "event", "module", "graph", "executable", "context".</summary>
    public static long LiveHandles(string kind) => OfName("emulator_live_handles", kind);

    /// <summary>The number of calls of a driver's function since the last reset.</summary>
    public static long Calls(string function) => OfName("emulator_calls", function);

    /// <summary>A description of what broke the context; empty if nothing did.</summary>
    public static string LastProblem => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Export("emulator_problem"))())!;

    private static nint Export(string function) => NativeLibrary.GetExport(s_driver.Value, function);

    private static long OfName(string function, string argument)
    {
        nint name = Marshal.StringToCoTaskMemUTF8(argument);
        nint result = ((delegate* unmanaged<nint, nint>)Export(function))(name);
        Marshal.FreeCoTaskMem(name);
        return result;
    }

    // ---- building ----

    private static (string?, string?) BuildOnce()
    {
        if (!OperatingSystem.IsLinux())
            return (null, "The CUDA emulator is for Linux.");
        string sources = Path.Combine(AppContext.BaseDirectory, "Emulator", "Native");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(sources).Order(StringComparer.Ordinal))
            hash.AppendData(File.ReadAllBytes(file));
        string folder = Path.Combine(Path.GetTempPath(), $"modeldsl-cuda-emulator-{Environment.UserName}", Convert.ToHexString(hash.GetHashAndReset())[..24]);
        if (Directory.Exists(folder))
            return (folder, null);

        // In another folder first: several test runs may build concurrently.
        string partial = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(partial);
        foreach (string header in Directory.EnumerateFiles(sources, "*.h"))
            File.Copy(header, Path.Combine(partial, Path.GetFileName(header)), true);
        try
        {
            string? problem = Compile(sources, partial, "libcuda.so.1", "driver.cpp", "memory.cpp", "streams.cpp", "modules.cpp", "fibers.cpp")
                ?? Compile(sources, partial, "libnvrtc.so.12", "compiler.cpp")
                ?? Compile(sources, partial, "libcublasLt.so.12", "cublaslt.cpp");
            if (problem is not null)
                return (null, problem);
            Directory.Move(partial, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
        }
        return (folder, null);
    }

    private static string? Compile(string sources, string folder, string library, params string[] files)
    {
        var start = new ProcessStartInfo("g++") { WorkingDirectory = sources, RedirectStandardError = true };
        foreach (string argument in (string[])["-std=c++17", "-O2", "-fPIC", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-shared",
            .. files, "-o", Path.Combine(folder, library), "-Wl,-z,defs", "-ldl", "-pthread", "-lm"])
            start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            // An error of an installed compiler is a defect, not a reason to skip.
            return process.ExitCode == 0 ? null : throw new InvalidOperationException($"g++ cannot build {library}: {errors}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no g++ here to build the CUDA emulator with.";
        }
    }
}

/// <summary>Tests of the one emulator of this process, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CudaEmulatorCollection
{
    public const string Name = "CUDA emulator";
}

/// <summary>A test that needs the CUDA emulator; skipped, with the reason, if there is no g++.</summary>
internal sealed class EmulatorFactAttribute : FactAttribute
{
    public EmulatorFactAttribute() => Skip = CudaEmulator.Problem;
}

/// <summary>As <see cref="EmulatorFactAttribute"/>, with cases.</summary>
internal sealed class EmulatorTheoryAttribute : TheoryAttribute
{
    public EmulatorTheoryAttribute() => Skip = CudaEmulator.Problem;
}
