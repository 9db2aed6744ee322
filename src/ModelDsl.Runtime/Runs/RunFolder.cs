namespace ModelDsl.Runtime;

/// <summary>
/// The output folder of a run, held by one process at a time. The lock is the system's, on an open file, so that it ends
/// with the process that holds it, however that dies; who holds it stands in a file beside.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private readonly FileStream _lock;

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
    public static RunFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        string holder = System.IO.Path.Combine(path, "run.holder");
        FileStream held;
        try
        {
            held = new(System.IO.Path.Combine(path, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            string who = System.IO.File.Exists(holder) ? System.IO.File.ReadAllText(holder).Trim() : "an unknown process";
            throw new RunFolderInUseException($"{path} is in use by another run ({who}). Wait for it, end it, or choose another folder.");
        }
        System.IO.File.WriteAllText(holder, FormattableString.Invariant(
            $"process {Environment.ProcessId} on host {Environment.MachineName}, since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC\n"));
        return new(path, held);
    }

    /// <summary>Lets another run in.</summary>
    public void Dispose()
    {
        System.IO.File.Delete(File("run.holder"));
        _lock.Dispose();
    }
}

/// <summary>Two runs want one folder.</summary>
public sealed class RunFolderInUseException(string message) : IOException(message);
