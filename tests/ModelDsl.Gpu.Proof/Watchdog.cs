namespace ModelDsl.Gpu.Proof;

/// <summary>Detects a kernel that never ends: nothing else can, since the call that waits for it does not return.</summary>
/// <param name="patience">Between two signs of life.</param>
/// <param name="hangs">Called once, on another thread, with what was going on.</param>
public sealed class Watchdog(TimeSpan patience, Action<string> hangs) : IDisposable
{
    private readonly Lock _lock = new();
    private Timer? _timer;
    private string _task = "";

    /// <summary>Begins to watch a task.</summary>
    public void Watch(string task)
    {
        lock (_lock)
        {
            _task = task;
            _timer ??= new Timer(_ => Bark());
            _timer.Change(patience, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A sign of life of the same task.</summary>
    public void Feed()
    {
        lock (_lock)
            _timer?.Change(patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void Bark()
    {
        string task;
        lock (_lock)
        {
            if (_timer is null)
                return;
            task = _task;
        }
        Dispose();
        hangs(task);
    }
}
