using System.Diagnostics;
using System.Security.Cryptography;
using ModelDsl.Gpu.Tests.Emulator;

namespace ModelDsl.Collectives.Tests;

/// <summary>The emulated NCCL, built with g++ once and kept in the temporary folder under a hash of its source.</summary>
internal static class EmulatedNccl
{
    private static readonly Lazy<string> s_folder = new(Build);

    /// <summary>The variables with which ranks find the emulated driver and NCCL.</summary>
    public static (string, string)[] Variables =>
    [
        ("MODELDSL_TEST_CUDA", $"{CudaEmulator.Folder}:{s_folder.Value}"), ("EMULATED_CUDA", Path.Combine(CudaEmulator.Folder, "libcuda.so.1")),
    ];

    private static string Build()
    {
        string source = Path.Combine(AppContext.BaseDirectory, "Nccl", "nccl.cpp");
        string hash = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(source)))[..24];
        string folder = Path.Combine(Path.GetTempPath(), $"modeldsl-nccl-emulator-{Environment.UserName}-{hash}");
        string library = Path.Combine(folder, "libnccl.so.2"), partial = $"{library}.{Environment.ProcessId}";
        if (File.Exists(library))
            return folder;
        Directory.CreateDirectory(folder);
        using var compiler = Process.Start(new ProcessStartInfo("g++",
            ["-std=c++17", "-O2", "-fPIC", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-shared", source, "-o", partial, "-ldl", "-lrt"])
        { RedirectStandardError = true })!;
        string errors = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
            throw new InvalidOperationException($"g++ cannot build the emulated NCCL: {errors}");
        File.Move(partial, library, overwrite: true);
        return folder;
    }
}
