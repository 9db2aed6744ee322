using System.Diagnostics;
using System.Runtime.InteropServices;
using ModelDsl.Gpu.OpenCl;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>
/// Oclgrind (Price and McIntosh-Smith, 2015), an OpenCL device that tracks every thread's reads and writes, in place
/// of the loader: it reports data races, which a device that runs threads one after the other hides.
/// </summary>
internal static partial class OclgrindLibrary
{
    private static readonly Lazy<(OpenClLibrary? Library, string? Problem)> s_library = new(Load);

    /// <summary>Why it is not available; null if it is.</summary>
    public static string? Problem => s_library.Value.Problem;

    public static OpenClLibrary Library => s_library.Value.Library ?? throw new InvalidOperationException(Problem);

    /// <summary>Its messages about the device that was opened last; complete once that is disposed.</summary>
    public static string Log => File.ReadAllText(LogFile);

    private static string Folder => Path.Combine(Path.GetTempPath(), $"modeldsl-oclgrind-{Environment.ProcessId}");

    private static string LogFile => Path.Combine(Folder, "log");

    private static (OpenClLibrary?, string?) Load()
    {
        string? oclgrind = new[] { "/usr/lib/oclgrind", "/usr/local/lib/oclgrind" }
            .Select(folder => Path.Combine(folder, "liboclgrind-rt.so")).FirstOrDefault(File.Exists);
        if (oclgrind is null)
            return (null, "Oclgrind is not installed (Debian's package oclgrind): run build/install-test-libraries.sh.");
        Directory.CreateDirectory(Folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);
        string loader = Path.Combine(Folder, "libOpenCL.so.1");
        File.CreateSymbolicLink(Path.Combine(Folder, "libOpenCL.so"), oclgrind); // its own name
        if (Build(loader, oclgrind) is { } problem)
            return (null, problem);
        SetEnvironment("OCLGRIND_DATA_RACES", "1");
        SetEnvironment("OCLGRIND_LOG", LogFile);
        return (new OpenClLibrary(NativeLibraryFile.Find("Oclgrind", [loader])), null);
    }

    private static string? Build(string loader, string oclgrind)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "OpenCl", "Oclgrind", "shared_memory.c");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                "gcc", ["-O1", "-fPIC", "-shared", "-Wall", "-Werror", source, "-o", loader, "-Wl,--no-as-needed", oclgrind, $"-Wl,-rpath,{Folder}", "-ldl"])
            { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            // An error of an installed compiler is a defect, not a reason to skip.
            return process.ExitCode == 0 ? null : throw new InvalidOperationException($"gcc cannot build {source}: {errors}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no gcc here to build Oclgrind's shared memory with.";
        }
    }

    // Native code does not read .NET's copy of the environment.
    private static void SetEnvironment(string name, string value) => setenv(name, value, 1);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
