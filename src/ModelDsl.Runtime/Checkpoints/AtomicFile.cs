using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>
/// Replaces a file as a whole: written under another name in the same folder, flushed to the disk, renamed. Whatever
/// stops the write, the old file stays as it was.
/// </summary>
public static partial class AtomicFile
{
    /// <param name="bytes">How many <paramref name="write"/> will write; checked against the free space first.</param>
    /// <exception cref="CheckpointException">The disk is full or fails; says how much is needed and how much is free.</exception>
    public static void Write(string path, long bytes, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string temporary = path + ".tmp"; // one that a crash left is written over
        try
        {
            Directory.CreateDirectory(folder);
            if (FreeBytes(folder) is { } free && free < bytes)
                throw new IOException("the disk is full");
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            FlushFolder(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            string room = FreeBytes(folder) is { } free ? $", {Size(free)} are free in {folder}" : "";
            string old = File.Exists(path) ? " The file saved before is untouched." : "";
            throw new CheckpointException(
                $"{path}: could not be saved: {error.Message.TrimEnd('.')}. It needs {Size(bytes)}{room}.{old}", error);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    private static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a file system that does not say
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
            // the error that led here is the one to report
        }
    }

    private static string Size(long bytes) => FormattableString.Invariant(bytes < 10_000_000
        ? (FormattableString)$"{bytes:N0} bytes"
        : $"{bytes / 1e6:N1} MB");

    /// <summary>Makes the rename itself durable; only POSIX systems need and offer it.</summary>
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Open(folder, 0);
        if (descriptor < 0)
            return; // not every file system opens folders; the rename is then as durable as it makes it
        _ = Synchronise(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronise(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
