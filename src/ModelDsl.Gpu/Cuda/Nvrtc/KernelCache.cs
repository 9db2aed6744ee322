using System.Security.Cryptography;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// Compiled kernels on disk, one file each under the job's key. A file that is damaged, or is something else, is as if
/// it were not there; a folder that cannot be written costs only the time to compile again.
/// </summary>
/// <param name="folder">Made when it is first written to; null keeps nothing.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>An environment variable with the folder of this library's caches, instead of the user's own.</summary>
    public const string FolderVariable = "MODELDSL_CACHE";

    // A file is this mark, the SHA-256 of the image, and the image.
    private static ReadOnlySpan<byte> Mark => "ModelDsl kernel\n"u8;

    /// <summary>The user's: $MODELDSL_CACHE/kernels, else modeldsl/kernels in $XDG_CACHE_HOME, ~/.cache, or on Windows in LocalApplicationData.</summary>
    public static KernelCache User { get; } = new(UserFolder());

    /// <summary>From the disk, or compiled and kept there.</summary>
    public byte[] Get(NvrtcJob job)
    {
        if (folder is null)
            return job.Run();
        string path = Path.Combine(folder, job.Key + ".kernel");
        if (Read(path) is { } kept)
            return kept;
        byte[] image = job.Run();
        Write(path, image);
        return image;
    }

    private static byte[]? Read(string path)
    {
        try
        {
            byte[] file = File.ReadAllBytes(path);
            int begin = Mark.Length + SHA256.HashSizeInBytes;
            return file.Length > begin && file.AsSpan().StartsWith(Mark)
                && SHA256.HashData(file.AsSpan(begin)).AsSpan().SequenceEqual(file.AsSpan(Mark.Length, SHA256.HashSizeInBytes))
                ? file[begin..] : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Written beside and then renamed: whoever reads meanwhile sees the old file or the whole new one.
    private static void Write(string path, byte[] image)
    {
        string beside = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(beside, [.. Mark, .. SHA256.HashData(image), .. image]);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(beside);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // left for whoever empties the folder
        }
    }

    private static string? UserFolder()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } own)
            return Path.Combine(own, "kernels");
        string caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache") : "";
        return caches.Length > 0 ? Path.Combine(caches, "modeldsl", "kernels") : null;
    }
}
