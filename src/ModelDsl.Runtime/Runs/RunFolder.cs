namespace ModelDsl.Runtime;

/// <summary>
/// The output folder of a run, held by one process at a time. The lock is the system's, on an open file, so that it ends
/// with the process that holds it, however that dies; who holds it stands in a file beside.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private readonly FileStream _lock;
    private bool _disposed;

    private RunFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    public string MetricsPath => File("metrics.jsonl");

    public string LossCurvePath => File("loss.svg");

    public string WeightsPath => File(TrainingCheckpoint.WeightsName);

    /// <summary>Whether there is a checkpoint to resume from.</summary>
    public bool HasCheckpoint => System.IO.File.Exists(WeightsPath);

    /// <summary>A path within the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder where it is not there, and takes the lock.</summary>
    /// <exception cref="RunFolderInUseException">Another run holds it; names its process and host.</exception>
    /// <exception cref="RunFolderException">It cannot be made or written: says why.</exception>
    public static RunFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        string holder = System.IO.Path.Combine(path, "run.holder");
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = new(System.IO.Path.Combine(path, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            System.IO.File.WriteAllText(holder, FormattableString.Invariant(
                $"process {Environment.ProcessId} on host {Environment.MachineName}, since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC\n"));
            return new(path, held);
        }
        catch (IOException error) when (held is null && IsHeld(error))
        {
            throw new RunFolderInUseException($"{path} is in use by another run ({Holder(holder)}). Wait for it, end it, or choose another folder.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new RunFolderException($"{path}: cannot hold a run: {error.Message.TrimEnd('.')}. Choose a folder that can be written.", error);
        }
    }

    /// <summary>Whether another process has the lock: EWOULDBLOCK of flock, or Windows' sharing violation.</summary>
    private static bool IsHeld(IOException error) => error.HResult == (
        OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsLinux() ? 11 : 35);

    private static string Holder(string file)
    {
        try
        {
            return System.IO.File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "an unknown process";
        }
    }

    /// <summary>Lets another run in.</summary>
    public void Dispose()
    {
        if (_disposed)
            return; // the folder may be another run's by now
        _disposed = true;
        System.IO.File.Delete(File("run.holder"));
        _lock.Dispose();
    }
}

/// <summary>A folder cannot hold a run.</summary>
public class RunFolderException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>Two runs want one folder.</summary>
public sealed class RunFolderInUseException(string message) : RunFolderException(message);
