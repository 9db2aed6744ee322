namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// The ranks of a job, one process each, and what they do together. Every rank makes the same collective calls in the same
/// order; what does not agree, does not come or does not end becomes a <see cref="CommunicatorException"/> that names the rank.
/// </summary>
/// <remarks>
/// Pointers are to memory that the library can reach: the host's for MPI, the GPU's for NCCL, whose calls are queued on a
/// stream and return at once. For one thread at a time. After the first call of a size nothing managed is allocated.
/// </remarks>
public abstract unsafe partial class Communicator : IDisposable
{
    private readonly CallLog _calls;
    private RankMonitor? _monitor;
    private bool _grouped, _disposed;

    private protected Communicator(int rank, int size, CommunicatorOptions options, CallLog calls)
    {
        (Rank, Size, Options, _calls) = (rank, size, options, calls);
        Here = RankName.Here(rank);
    }

    /// <summary>
    /// The ranks that this process was started with: one where no launcher started it, otherwise through MPI. For GPUs see
    /// <c>NcclCommunicator</c>.
    /// </summary>
    /// <exception cref="RankEnvironmentException">The launcher's variables are incomplete or contradict each other.</exception>
    /// <exception cref="Native.NativeLibraryException">There are several ranks and MPI is missing.</exception>
    /// <exception cref="CommunicatorException">Ranks have not started in time.</exception>
    public static Communicator Create(CommunicatorOptions? options = null)
    {
        var environment = RankEnvironment.Current;
        return environment.Size == 1 ? new SingleRank(options) : new Mpi.MpiCommunicator(options);
    }

    public int Rank { get; }

    public int Size { get; }

    public CommunicatorOptions Options { get; }

    /// <summary>How errors name a rank.</summary>
    public RankName NameOf(int rank)
    {
        CheckRank(rank);
        return _monitor?.Names[rank] ?? Here;
    }

    /// <summary>Every rank's values become the reduction of all of them, the same bits on all ranks.</summary>
    /// <param name="values">[count], read and written.</param>
    public void AllReduce(void* values, long count, TensorType type, ReduceOperation operation = ReduceOperation.Sum)
    {
        CheckReduction(type, operation);
        AllReduce(Enter(CollectiveKind.AllReduce, count, type, operation), values);
    }

    /// <summary>Rank r gets part r of the reduction over ranks.</summary>
    /// <param name="source">[Size, count].</param>
    /// <param name="destination">[count]; may be this rank's part of <paramref name="source"/>.</param>
    public void ReduceScatter(void* source, void* destination, long count, TensorType type, ReduceOperation operation = ReduceOperation.Sum)
    {
        CheckReduction(type, operation);
        ReduceScatter(Enter(CollectiveKind.ReduceScatter, count, type, operation), source, destination);
    }

    /// <summary>Every rank gets the parts of all, in the order of ranks.</summary>
    /// <param name="source">[count]; may be this rank's part of <paramref name="destination"/>.</param>
    /// <param name="destination">[Size, count].</param>
    public void AllGather(void* source, void* destination, long count, TensorType type) =>
        AllGather(Enter(CollectiveKind.AllGather, count, type), source, destination);

    /// <summary>Every rank gets the values of <paramref name="root"/>.</summary>
    /// <param name="values">[count].</param>
    public void Broadcast(void* values, long count, TensorType type, int root = 0)
    {
        CheckRank(root);
        Broadcast(Enter(CollectiveKind.Broadcast, count, type, peer: root), values);
    }

    /// <summary>Ends when every rank has come to it.</summary>
    public void Barrier() => Barrier(Enter(CollectiveKind.Barrier, 0, TensorType.U8));

    /// <summary>Sends to one rank, which receives as much. Outside a group it may wait until that rank receives.</summary>
    public void Send(void* source, long count, TensorType type, int destination) =>
        Send(EnterMessage(CollectiveKind.Send, count, type, destination), source);

    /// <summary>Receives what <paramref name="source"/> sends next to this rank.</summary>
    public void Receive(void* destination, long count, TensorType type, int source) =>
        Receive(EnterMessage(CollectiveKind.Receive, count, type, source), destination);

    /// <summary>
    /// Sends and receives from here to <see cref="EndGroup"/> go on at once, in any order: ranks can exchange values
    /// without waiting for one another in a circle.
    /// </summary>
    public void BeginGroup()
    {
        if (_grouped)
            throw new InvalidOperationException("A group of messages is already open; groups do not nest.");
        OnBeginGroup();
        _grouped = true;
    }

    /// <summary>Ends the group; its messages have arrived (MPI) or are queued on the stream (NCCL).</summary>
    public void EndGroup()
    {
        if (!_grouped)
            throw new InvalidOperationException("No group of messages is open.");
        _grouped = false;
        OnEndGroup();
    }

    private protected RankName Here { get; }

    private protected RankMonitor Monitor => _monitor!;

    private protected bool IsGrouped => _grouped;

    private protected void Watch(RankMonitor monitor) => _monitor = monitor;

    private protected abstract void AllReduce(in CollectiveCall call, void* values);
    private protected abstract void ReduceScatter(in CollectiveCall call, void* source, void* destination);
    private protected abstract void AllGather(in CollectiveCall call, void* source, void* destination);
    private protected abstract void Broadcast(in CollectiveCall call, void* values);
    private protected abstract void Barrier(in CollectiveCall call);
    private protected abstract void Send(in CollectiveCall call, void* source);
    private protected abstract void Receive(in CollectiveCall call, void* destination);
    private protected abstract void OnBeginGroup();
    private protected abstract void OnEndGroup();

    /// <summary>Types that can be moved and reduced.</summary>
    private protected static bool Supports(TensorType type) => type is
        TensorType.F32 or TensorType.F64 or TensorType.F16 or TensorType.BF16 or TensorType.I32 or TensorType.I64;

    /// <summary>Leaves in order where nothing went wrong, and frees what the library holds.</summary>
    /// <param name="inOrder">Every rank has left, so the library can be closed with calls that wait for others.</param>
    private protected abstract void Release(bool inOrder);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Release(_monitor is null || _monitor.Leave(Options.Timeout));
        _monitor?.Dispose();
        GC.SuppressFinalize(this);
    }

    private CollectiveCall Enter(
        CollectiveKind kind, long count, TensorType type, ReduceOperation operation = ReduceOperation.Sum, int peer = -1)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (kind != CollectiveKind.Barrier)
            CheckType(type);
        if (_grouped && kind is not (CollectiveKind.Send or CollectiveKind.Receive))
            throw new InvalidOperationException("Only sends and receives can be in a group.");
        var call = _calls.Enter(kind, count, type, operation, peer);
        if (_monitor?.FaultOf(call) is { } fault)
            throw new CommunicatorException(fault, Here, call);
        return call;
    }

    private CollectiveCall EnterMessage(CollectiveKind kind, long count, TensorType type, int peer)
    {
        CheckRank(peer);
        if (peer == Rank)
            throw new ArgumentException($"Rank {Rank} cannot send to itself.");
        return Enter(kind, count, type, peer: peer);
    }

    private void CheckRank(int rank)
    {
        if (rank < 0 || rank >= Size)
            throw new ArgumentOutOfRangeException(nameof(rank), $"There is no rank {rank}; ranks are 0 to {Size - 1}.");
    }

    private static void CheckType(TensorType type)
    {
        if (!Supports(type))
            throw new NotSupportedException($"Ranks exchange F32, F64, BF16, F16, I32 and I64, not {type}.");
    }

    private static void CheckReduction(TensorType type, ReduceOperation operation)
    {
        if (operation == ReduceOperation.Average && type is TensorType.I32 or TensorType.I64)
            throw new NotSupportedException($"The average of {type} is no {type}; take the sum.");
    }
}
