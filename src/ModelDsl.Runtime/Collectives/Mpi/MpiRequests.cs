using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Collectives.Mpi;

/// <summary>The messages of one call that are on their way, in native arrays that are kept for the next call.</summary>
internal sealed unsafe class MpiRequests(MpiJob job, nint communicator, CommunicatorOptions options) : IDisposable
{
    // Open MPI's MPI_Status: source, tag, error, cancelled (4 bytes each), count (8).
    private const int StatusBytes = 24, ErrorOffset = 8;
    private const int ErrorInStatus = 18, ErrorPending = 19;
    private const int MaxMessage = 1 << 30;

    private nint* _requests;
    private byte* _statuses;
    private long* _expected; // bytes of a receive, -1 of a send
    private int _count, _room;

    /// <summary>Begins a send of <paramref name="bytes"/>, in messages of 1 GB.</summary>
    public void Send(void* source, long bytes, int rank, int tag)
    {
        for (long done = 0; done == 0 || done < bytes; done += MaxMessage)
        {
            int length = (int)Math.Min(bytes - done, MaxMessage);
            nint* request = Next(-1);
            job.Check(job.Mpi.Isend((byte*)source + done, length, job.Mpi.Byte, rank, tag, communicator, request), "MPI_Isend");
            _count++;
        }
    }

    /// <summary>Begins the receive of as much as <see cref="Send"/> sends.</summary>
    public void Receive(void* destination, long bytes, int rank, int tag)
    {
        for (long done = 0; done == 0 || done < bytes; done += MaxMessage)
        {
            int length = (int)Math.Min(bytes - done, MaxMessage);
            nint* request = Next(length);
            job.Check(job.Mpi.Irecv((byte*)destination + done, length, job.Mpi.Byte, rank, tag, communicator, request), "MPI_Irecv");
            _count++;
        }
    }

    /// <summary>Begins the broadcast of <paramref name="bytes"/>.</summary>
    public void Broadcast(void* values, long bytes, int root)
    {
        for (long done = 0; done < bytes; done += MaxMessage)
        {
            nint* request = Next(-1);
            job.Check(job.Mpi.Ibcast((byte*)values + done, (int)Math.Min(bytes - done, MaxMessage), job.Mpi.Byte, root, communicator, request), "MPI_Ibcast");
            _count++;
        }
    }

    /// <summary>Begins the exchange of <paramref name="bytes"/> with every rank.</summary>
    public void AllGather(void* source, void* destination, int bytes)
    {
        nint* request = Next(-1);
        job.Check(job.Mpi.Iallgather(source, bytes, job.Mpi.Byte, destination, bytes, job.Mpi.Byte, communicator, request), "MPI_Iallgather");
        _count++;
    }

    /// <summary>Waits until all that was begun has ended.</summary>
    /// <exception cref="CommunicatorException">It cannot end, an error came back, or less has arrived than was expected.</exception>
    /// <param name="calls">What it was begun for: one collective, or the messages of a group.</param>
    public void Wait(RankMonitor monitor, ReadOnlySpan<CollectiveCall> calls)
    {
        var wait = new CallWait(monitor, options.Timeout);
        int done = 0;
        while (true)
        {
            int code = job.Mpi.Testall(_count, _requests, &done, _statuses);
            if (code != 0)
                throw Fail(monitor, calls[^1], $"MPI_Testall failed: {job.Mpi.Describe(Error(code))}.");
            if (done != 0)
                break;
            wait.Round(calls);
        }
        for (int i = 0; i < _count; i++)
        {
            int arrived;
            if (_expected[i] >= 0 && job.Mpi.GetCount(_statuses + i * StatusBytes, job.Mpi.Byte, &arrived) == 0 && arrived != _expected[i])
                throw Fail(monitor, calls[^1], $"{arrived} bytes arrived where {_expected[i]} were expected: the ranks' counts differ.");
        }
        _count = 0;
    }

    /// <summary>The first message's own error, where the code says only that there is one.</summary>
    private int Error(int code)
    {
        for (int i = 0; code == ErrorInStatus && i < _count; i++)
            if (*(int*)(_statuses + i * StatusBytes + ErrorOffset) is var error and not (0 or ErrorPending))
                return error;
        return code;
    }

    private CommunicatorException Fail(RankMonitor monitor, in CollectiveCall call, string problem)
    {
        _count = 0;
        monitor.Report(new(RankFaultKind.LibraryFailed, job.Rank, $"{monitor.Here} in {call}: {problem}"));
        return new(monitor.Fault!, monitor.Here, call);
    }

    private nint* Next(long expected)
    {
        if (_count == _room)
        {
            _room = Math.Max(64, 2 * _room);
            _requests = (nint*)NativeMemory.Realloc(_requests, (nuint)(_room * sizeof(nint)));
            _expected = (long*)NativeMemory.Realloc(_expected, (nuint)(_room * sizeof(long)));
            _statuses = (byte*)NativeMemory.Realloc(_statuses, (nuint)(_room * StatusBytes));
        }
        _expected[_count] = expected;
        return _requests + _count;
    }

    public void Dispose()
    {
        NativeMemory.Free(_requests);
        NativeMemory.Free(_expected);
        NativeMemory.Free(_statuses);
    }
}
