using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Persistent threads for short fork-join work: <see cref="Run"/> hands out the parts of one body and returns when all
/// are done. The caller works too. An idle worker spins for a moment, then parks.
/// </summary>
/// <remarks>
/// Which thread takes which part is not fixed, so a body must not let its result depend on it. A call from inside a
/// body runs its parts on the calling thread; calls from several threads take turns.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    private const double SpinMicroseconds = 200;
    private const int SpinsPerClockRead = 64;

    [ThreadStatic] private static bool s_insideBody;

    private readonly Thread[] _workers;
    private readonly object _turn = new();
    private readonly object _parking = new();

    // One job at a time. A worker may claim a part only by a compare-and-swap on the ticket, which holds the job's
    // number beside the next part; a claim that succeeds therefore proves that the three fields above are of that job.
    private delegate*<void*, int, void> _body;
    private void* _state;
    private int _parts;
    private long _ticket;
    private int _unfinished;
    private int _parked;
    private volatile bool _disposed;
    private Exception? _failure;

    /// <param name="threads">The caller included; 0 is one for each processor.</param>
    public WorkerPool(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _workers = new Thread[Threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"ModelDsl worker {i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>The caller included.</summary>
    public int Threads { get; }

    /// <summary>Calls <paramref name="body"/> once for each part in [0, parts) and returns when all have ended.</summary>
    /// <exception cref="Exception">The first exception that a part threw; the other parts have run.</exception>
    public void Run(delegate*<void*, int, void> body, void* state, int parts)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (parts <= 1 || Threads == 1 || s_insideBody)
        {
            for (int part = 0; part < parts; part++)
                body(state, part);
            return;
        }

        lock (_turn)
        {
            _body = body;
            _state = state;
            _parts = parts;
            _failure = null;
            Volatile.Write(ref _unfinished, parts);
            long job = ((_ticket >> 32) + 1) << 32;
            Interlocked.Exchange(ref _ticket, job); // publishes the fields, and orders them before the read of _parked
            if (Volatile.Read(ref _parked) != 0)
                lock (_parking)
                    Monitor.PulseAll(_parking);

            TakeParts(job >> 32);
            var wait = new SpinWait();
            for (int spins = 0; Volatile.Read(ref _unfinished) != 0; spins++)
            {
                if (spins < 2000)
                    Thread.SpinWait(1);
                else
                    wait.SpinOnce(sleep1Threshold: -1);
            }
            if (_failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>The threads end as soon as they have nothing to do; nothing waits for them.</summary>
    internal void Stop()
    {
        _disposed = true;
        lock (_parking)
            Monitor.PulseAll(_parking);
    }

    public void Dispose()
    {
        lock (_turn)
            Stop();
        foreach (var worker in _workers)
            worker.Join();
    }

    private void Work()
    {
        long seen = 0;
        while (WaitForJob(ref seen))
            TakeParts(seen);
    }

    /// <summary>Takes parts in ever smaller handfuls, which costs few claims and still ends evenly.</summary>
    private void TakeParts(long job)
    {
        s_insideBody = true;
        int done = 0;
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            int parts = Volatile.Read(ref _parts), part = (int)ticket;
            if (ticket >> 32 != job || part >= parts)
                break;
            var body = _body;
            void* state = _state;
            int take = Math.Max(1, (parts - part) / (2 * Threads));
            if (Interlocked.CompareExchange(ref _ticket, ticket + take, ticket) != ticket)
                continue;
            for (int end = part + take; part < end; part++)
                RunPart(body, state, part);
            done += take;
        }
        s_insideBody = false;
        if (done > 0)
            Interlocked.Add(ref _unfinished, -done);
    }

    private void RunPart(delegate*<void*, int, void> body, void* state, int part)
    {
        try
        {
            body(state, part);
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }

    /// <summary>Returns false when the pool is disposed.</summary>
    private bool WaitForJob(ref long seen)
    {
        long begin = Stopwatch.GetTimestamp();
        for (int spins = 1; ; spins++)
        {
            long job = Volatile.Read(ref _ticket) >> 32;
            if (job != seen)
            {
                seen = job;
                return true;
            }
            if (_disposed)
                return false;
            Thread.SpinWait(1);
            if (spins % SpinsPerClockRead == 0 && Stopwatch.GetElapsedTime(begin).TotalMicroseconds > SpinMicroseconds)
            {
                Park(seen);
                begin = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Park(long seen)
    {
        lock (_parking)
        {
            Interlocked.Increment(ref _parked); // before the ticket is read again, as Run does the two the other way round
            while (Volatile.Read(ref _ticket) >> 32 == seen && !_disposed)
                Monitor.Wait(_parking);
            Interlocked.Decrement(ref _parked);
        }
    }
}
