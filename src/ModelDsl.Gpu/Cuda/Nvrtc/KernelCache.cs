using System.Security.Cryptography;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// Compiled kernels on disk, one file each under the job's key. A file that is damaged, or is something else, is treated as
/// missing; a folder that cannot be written costs only the time to compile again.
/// </summary>
/// <param name="folder">Created at the first write; null disables the cache.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>The environment variable that sets the folder of this library's caches.</summary>
    public const string FolderVariable = "MODELDSL_CACHE";

    // A file is this mark, the SHA-256 of the image, and the image.
    private static ReadOnlySpan<byte> Mark => "ModelDsl kernel\n"u8;

    /// <summary>The user's cache: $MODELDSL_CACHE/kernels, else modeldsl/kernels in $XDG_CACHE_HOME, ~/.cache, or on Windows in LocalApplicationData.</summary>
    public static KernelCache User { get; } = new(UserFolder());

    /// <summary>The image from the disk, or compiled and stored there.</summary>
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

    // Written to a temporary file and then renamed: a concurrent reader sees the old file or the complete new one.
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
            // remains until the folder is emptied
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
