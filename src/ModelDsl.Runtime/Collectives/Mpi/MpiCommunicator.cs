using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Collectives.Mpi;

/// <summary>
/// All ranks of an mpirun or srun job over host memory, through Open MPI. Messages are begun and then polled, so that a
/// rank that ends or hangs becomes an error and not a deadlock.
/// </summary>
/// <remarks>
/// A reduction is the same bits whatever the timing: each rank gets its slice of every rank's values, adds them in the order of
/// ranks, and sends the finished slice to all (reduce-scatter and all-gather; Rabenseifner, 2004). Each element moves 2 (P - 1) / P
/// times, as in a ring. Every collective begins with an exchange of what each rank is about to do, so that calls that do not
/// match move no data.
/// </remarks>
public sealed unsafe class MpiCommunicator : Communicator
{
    private const int CollectiveTag = 1, MessageTag = 2;
    private const long SliceBytes = 1 << 20;

    private readonly MpiJob _job;
    private readonly nint _communicator;
    private readonly MpiRequests _requests, _headers;
    private readonly CollectiveCall* _calls; // what each rank is about to do, then what this one is
    private readonly void** _parts;
    private byte* _scratch;
    private long _scratchBytes;
    private CollectiveCall[] _group = new CollectiveCall[16];
    private int _groupCount;

    /// <exception cref="Native.NativeLibraryException">MPI is missing, or another MPI is there.</exception>
    /// <exception cref="RankEnvironmentException">The launcher and MPI disagree.</exception>
    /// <exception cref="CommunicatorException">Ranks have not come in time.</exception>
    public MpiCommunicator(CommunicatorOptions? options = null) : this(MpiJob.Join(options ?? new()), options ?? new()) { }

    private MpiCommunicator(MpiJob job, CommunicatorOptions options) : this(job, options, new CallLog(job.Size)) { }

    private MpiCommunicator(MpiJob job, CommunicatorOptions options, CallLog calls) : base(job.Rank, job.Size, options, calls)
    {
        _job = job;
        (_communicator, var monitor) = job.Open(calls, options);
        if (monitor is not null)
            Watch(monitor);
        _requests = new(job, _communicator, options);
        _headers = new(job, _communicator, options);
        _calls = (CollectiveCall*)NativeMemory.AllocZeroed((nuint)(Size + 1), (nuint)sizeof(CollectiveCall));
        _parts = (void**)NativeMemory.Alloc((nuint)Size, (nuint)sizeof(void*));
    }

    private protected override void AllReduce(in CollectiveCall call, void* values)
    {
        if (!Agree(call))
            return;
        long chunk = Math.Min(call.Count, Size * (SliceBytes / call.ElementBytes));
        for (long start = 0; start < call.Count; start += chunk)
            AllReduce(call, (byte*)values + start * call.ElementBytes, Math.Min(chunk, call.Count - start));
    }

    /// <summary>One chunk: slice r of it is added up by rank r.</summary>
    private void AllReduce(in CollectiveCall call, byte* values, long count)
    {
        long unit = call.ElementBytes;
        long mine = Begin(Rank), length = Begin(Rank + 1) - mine;
        Reserve(length * unit);
        for (int i = 1; i < Size; i++)
        {
            int to = (Rank + i) % Size, from = (Rank - i + Size) % Size;
            _requests.Receive(Part(from, length * unit), length * unit, from, CollectiveTag);
            _requests.Send(values + Begin(to) * unit, (Begin(to + 1) - Begin(to)) * unit, to, CollectiveTag);
        }
        _parts[Rank] = values + mine * unit;
        _requests.Wait(Monitor, new(in call));
        RankOrderReduction.Run(call.Type, call.Operation, _parts, Size, values + mine * unit, length);
        for (int i = 1; i < Size; i++)
        {
            int to = (Rank + i) % Size, from = (Rank - i + Size) % Size;
            _requests.Receive(values + Begin(from) * unit, (Begin(from + 1) - Begin(from)) * unit, from, CollectiveTag);
            _requests.Send(values + mine * unit, length * unit, to, CollectiveTag);
        }
        _requests.Wait(Monitor, new(in call));

        long Begin(int rank) => count * rank / Size;
    }

    private protected override void ReduceScatter(in CollectiveCall call, void* source, void* destination)
    {
        if (!Agree(call))
        {
            Copy(source, destination, call.Bytes);
            return;
        }
        long unit = call.ElementBytes, chunk = SliceBytes / unit;
        for (long start = 0; start < call.Count; start += chunk)
        {
            long count = Math.Min(chunk, call.Count - start), bytes = count * unit;
            byte* from = (byte*)source + start * unit;
            Reserve(bytes);
            for (int i = 1; i < Size; i++)
            {
                int to = (Rank + i) % Size, sender = (Rank - i + Size) % Size;
                _requests.Receive(Part(sender, bytes), bytes, sender, CollectiveTag);
                _requests.Send(from + to * call.Bytes, bytes, to, CollectiveTag);
            }
            _parts[Rank] = from + Rank * call.Bytes;
            _requests.Wait(Monitor, new(in call));
            RankOrderReduction.Run(call.Type, call.Operation, _parts, Size, (byte*)destination + start * unit, count);
        }
    }

    private protected override void AllGather(in CollectiveCall call, void* source, void* destination)
    {
        long bytes = call.Bytes;
        bool several = Agree(call);
        Copy(source, (byte*)destination + Rank * bytes, bytes);
        if (!several)
            return;
        for (int i = 1; i < Size; i++)
        {
            int to = (Rank + i) % Size, from = (Rank - i + Size) % Size;
            _requests.Receive((byte*)destination + from * bytes, bytes, from, CollectiveTag);
            _requests.Send(source, bytes, to, CollectiveTag);
        }
        _requests.Wait(Monitor, new(in call));
    }

    private protected override void Broadcast(in CollectiveCall call, void* values)
    {
        if (!Agree(call))
            return;
        _requests.Broadcast(values, call.Bytes, call.Peer);
        _requests.Wait(Monitor, new(in call));
    }

    private protected override void Barrier(in CollectiveCall call) => Agree(call);

    private protected override void Send(in CollectiveCall call, void* source)
    {
        _requests.Send(source, call.Bytes, call.Peer, MessageTag);
        EndMessage(call);
    }

    private protected override void Receive(in CollectiveCall call, void* destination)
    {
        _requests.Receive(destination, call.Bytes, call.Peer, MessageTag);
        EndMessage(call);
    }

    private protected override void OnBeginGroup() => _groupCount = 0;

    private protected override void OnEndGroup()
    {
        if (_groupCount > 0)
            _requests.Wait(Monitor, _group.AsSpan(0, _groupCount));
    }

    private protected override void Release(bool inOrder)
    {
        _job.Close(_communicator, inOrder);
        if (!inOrder)
            return; // messages may still be under way into the memory below
        _requests.Dispose();
        _headers.Dispose();
        NativeMemory.Free(_calls);
        NativeMemory.Free(_parts);
        NativeMemory.Free(_scratch);
    }

    private void EndMessage(in CollectiveCall call)
    {
        if (!IsGrouped)
        {
            _requests.Wait(Monitor, new(in call));
            return;
        }
        if (_groupCount == _group.Length)
            Array.Resize(ref _group, 2 * _groupCount);
        _group[_groupCount++] = call;
    }

    /// <summary>Ends when every rank has said that it does the same; false where there is one rank and nothing to do.</summary>
    private bool Agree(in CollectiveCall call)
    {
        if (Size == 1)
            return false;
        _calls[Size] = call;
        _headers.AllGather(_calls + Size, _calls, sizeof(CollectiveCall));
        _headers.Wait(Monitor, new(in call));
        for (int rank = 1; rank < Size; rank++)
        {
            if (_calls[rank] == _calls[0])
                continue;
            Monitor.Report(MonitorCheck.Mismatch(Monitor.Names, 0, _calls[0], rank, _calls[rank]));
            throw new CommunicatorException(Monitor.Fault!, Here, call);
        }
        return true;
    }

    /// <summary>Where the part of another rank arrives.</summary>
    private void* Part(int rank, long bytes) => _parts[rank] = _scratch + (rank < Rank ? rank : rank - 1) * bytes;

    private void Reserve(long partBytes)
    {
        if (_scratchBytes >= (Size - 1) * partBytes)
            return;
        _scratchBytes = (Size - 1) * partBytes;
        NativeMemory.Free(_scratch);
        _scratch = (byte*)NativeMemory.Alloc((nuint)_scratchBytes);
    }

    private static void Copy(void* source, void* destination, long bytes)
    {
        if (source != destination)
            Buffer.MemoryCopy(source, destination, bytes, bytes);
    }
}
