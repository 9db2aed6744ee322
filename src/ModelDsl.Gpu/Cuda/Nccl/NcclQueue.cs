using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// The calls that are queued on a stream and have not ended, each followed by an event. Written by the thread that
/// queues, read by the one that watches; everything waits for the oldest.
/// </summary>
internal sealed class NcclQueue : IDisposable
{
    /// <summary>Calls beyond this number are not marked: the next marked one ends after them anyway.</summary>
    private const int Marked = 256;

    private readonly Lock _lock = new();
    private readonly CudaStream _stream;
    private readonly CudaEvent[] _marks = new CudaEvent[Marked];
    private readonly CollectiveCall[] _calls = new CollectiveCall[Marked];
    private long _queued, _ended;
    private bool _disposed;

    public NcclQueue(CudaStream stream, CudaContext context)
    {
        _stream = stream;
        for (int i = 0; i < Marked; i++)
            _marks[i] = new(context);
    }

    /// <summary>Marks the position after a call that was just queued. Calls captured in a graph run later and repeatedly: they are not marked.</summary>
    public void Mark(in CollectiveCall call)
    {
        lock (_lock)
        {
            if (_disposed || _stream.IsCapturing || (_queued - _ended == Marked && HasOldest()))
                return;
            int slot = (int)(_queued % Marked);
            _stream.Record(_marks[slot]);
            _calls[slot] = call;
            _queued++;
        }
    }

    /// <summary>The oldest call that has not ended.</summary>
    /// <param name="place">The call's number: another number is another call.</param>
    /// <returns>False if all have ended.</returns>
    public bool TryGetOldest(out CollectiveCall call, out long place)
    {
        lock (_lock)
        {
            bool any = HasOldest();
            (call, place) = (any ? _calls[_ended % Marked] : default, _ended);
            return any;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (CudaEvent mark in _marks)
                mark.Dispose();
        }
    }

    private bool HasOldest()
    {
        while (!_disposed && _ended < _queued && _marks[_ended % Marked].IsReached)
            _ended++;
        return !_disposed && _ended < _queued;
    }
}
