namespace ModelDsl.Gpu.Cuda;

/// <summary>The folders of CUDA's installers that are not on the system's search path.</summary>
internal static class CudaFolders
{
    public static IReadOnlyList<string> Known { get; } = [.. Toolkits().Concat(PythonPackages()).Distinct()];

    private static IEnumerable<string> Toolkits()
    {
        string[] roots = [.. new[] { "CUDA_PATH", "CUDA_HOME" }.Select(Environment.GetEnvironmentVariable).OfType<string>()];
        if (OperatingSystem.IsWindows())
            return roots.SelectMany(root => new[] { Path.Combine(root, "bin"), Path.Combine(root, "bin", "x64") });
        return
        [
            .. roots.Append("/usr/local/cuda").SelectMany(root => new[] { Path.Combine(root, "lib64"), Path.Combine(root, "lib") }),
            "/usr/local/nvidia/lib64", "/usr/lib/x86_64-linux-gnu/nvidia/current", "/usr/lib/wsl/lib",
        ];
    }

    // PyTorch installs CUDA's libraries as Python packages: site-packages/nvidia/<library>/lib, below an environment whose
    // programs are on the path.
    private static IEnumerable<string> PythonPackages()
    {
        var roots = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => Path.GetFileName(folder) is "bin" or "Scripts")
            .Select(Path.GetDirectoryName)
            .Prepend(Environment.GetEnvironmentVariable("VIRTUAL_ENV"))
            .OfType<string>().Distinct();
        return
            from root in roots
            from packages in Folders(Path.Combine(root, "lib"), "python3*").Select(python => Path.Combine(python, "site-packages"))
                .Append(Path.Combine(root, "Lib", "site-packages"))
            from library in Folders(Path.Combine(packages, "nvidia"), "*")
            select Path.Combine(library, OperatingSystem.IsWindows() ? "bin" : "lib");
    }

    private static IEnumerable<string> Folders(string parent, string pattern)
    {
        try
        {
            return Directory.Exists(parent) ? Directory.GetDirectories(parent, pattern).OrderDescending(StringComparer.Ordinal) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
