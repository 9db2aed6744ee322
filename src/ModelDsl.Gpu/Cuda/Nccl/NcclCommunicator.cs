using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// Collectives of all ranks of a job on GPU memory, through NCCL: one process and one GPU per rank. Calls are queued on one stream, in
/// order, and return at once; the stream's other work is ordered with them.
/// </summary>
/// <remarks>
/// Ranks meet at MASTER_ADDR:MASTER_PORT (<see cref="RankEnvironment.Master"/>), where rank 0 gives out NCCL's unique id. A thread
/// watches: a rank that ends, hangs or makes a different call aborts NCCL on every rank, so that no stream waits forever,
/// and causes a <see cref="CommunicatorException"/> in the next call or in <see cref="Synchronize"/>. NCCL's sums are the same bits on all
/// ranks; NCCL chooses their order. Calls captured in a graph may be replayed; in these only ranks that end are detected.
/// </remarks>
public sealed unsafe class NcclCommunicator : Communicator
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(20);
    private static readonly CollectiveCall s_connect = new(0, 0, TensorType.U8, -1, CollectiveKind.Connect, ReduceOperation.Sum);

    private readonly Lock _calling = new(); // NCCL's communicator is not thread-safe
    private readonly NcclLibrary _nccl;
    private readonly CudaStream _stream;
    private readonly CudaContext _context;
    private readonly NcclQueue _queue;
    private readonly ManualResetEventSlim _closing = new();
    private readonly Thread? _watch;
    private nint _communicator;
    private CollectiveCall _lastOfGroup;
    private GpuMemory? _one; // the operand of barriers

    /// <summary>Connects to the other ranks; every rank calls this with a stream of its own GPU.</summary>
    /// <param name="stream">A stream, normally of the device with this rank's <see cref="RankEnvironment.LocalRank"/>.</param>
    /// <param name="environment">The launcher's by default.</param>
    /// <exception cref="NativeLibraryException">NCCL is missing, too old, or of another major version.</exception>
    /// <exception cref="RankEnvironmentException">The launcher's variables are incomplete or contradict each other.</exception>
    /// <exception cref="CommunicatorException">Ranks have not joined in time, or NCCL cannot connect them.</exception>
    public NcclCommunicator(CudaStream stream, CommunicatorOptions? options = null, RankEnvironment? environment = null)
        : this(stream, options ?? new(), environment ?? RankEnvironment.Current, null) { }

    private NcclCommunicator(CudaStream stream, CommunicatorOptions options, RankEnvironment environment, CallLog? calls)
        : base(environment.Rank, environment.Size, options, calls ??= new CallLog(environment.Size))
    {
        var device = (CudaDevice)stream.Device;
        (_stream, _context, _nccl) = (stream, device.Context, new(device.Libraries));
        byte[] id = Meet(environment, calls, options);
        try
        {
            _queue = new(stream, _context);
            Connect(id);
        }
        catch
        {
            Abort();
            _queue?.Dispose();
            if (Size > 1)
                Monitor.Dispose();
            throw;
        }
        if (Size == 1)
            return;
        _watch = new(Watch) { IsBackground = true, Name = "NCCL watch" };
        _watch.Start();
    }

    /// <summary>NCCL's version, "2.22.3".</summary>
    public string Version => _nccl.VersionText;

    /// <summary>Waits until all calls queued so far have ended.</summary>
    /// <exception cref="CommunicatorException">They cannot end: a rank has ended, hangs or disagrees.</exception>
    public void Synchronize()
    {
        while (_queue.TryGetOldest(out CollectiveCall call, out _))
        {
            if (Size > 1 && Monitor.FaultOf(call) is { } fault)
                throw new CommunicatorException(fault, Here, call);
            Thread.Yield();
        }
        _stream.Synchronize();
        if (Size > 1 && Monitor.Fault is { } found)
            throw new CommunicatorException(found, found.Text);
    }

    private protected override bool IsHost => false;

    private protected override void AllReduce(in CollectiveCall call, void* values)
    {
        lock (_calling)
            Check(_nccl.AllReduce(values, values, (nuint)call.Count, Type(call), Operation(call), Entered(call), _stream.Handle), "ncclAllReduce", call);
        Queued(call);
    }

    private protected override void ReduceScatter(in CollectiveCall call, void* source, void* destination)
    {
        lock (_calling)
            Check(_nccl.ReduceScatter(source, destination, (nuint)call.Count, Type(call), Operation(call), Entered(call), _stream.Handle), "ncclReduceScatter", call);
        Queued(call);
    }

    private protected override void AllGather(in CollectiveCall call, void* source, void* destination)
    {
        lock (_calling)
            Check(_nccl.AllGather(source, destination, (nuint)call.Count, Type(call), Entered(call), _stream.Handle), "ncclAllGather", call);
        Queued(call);
    }

    private protected override void Broadcast(in CollectiveCall call, void* values)
    {
        lock (_calling)
            Check(_nccl.Broadcast(values, values, (nuint)call.Count, Type(call), call.Peer, Entered(call), _stream.Handle), "ncclBroadcast", call);
        Queued(call);
    }

    /// <summary>An all-reduce of one number; the host waits for it.</summary>
    private protected override void Barrier(in CollectiveCall call)
    {
        GpuMemory one = _one ??= _stream.Device.Allocate(sizeof(int), "NCCL barrier");
        lock (_calling)
            Check(_nccl.AllReduce(one.Pointer, one.Pointer, 1, NcclType.Int32, NcclOperation.Sum, Entered(call), _stream.Handle), "ncclAllReduce", call);
        Queued(call);
        Synchronize();
    }

    private protected override void Send(in CollectiveCall call, void* source)
    {
        lock (_calling)
            Check(_nccl.Send(source, (nuint)call.Count, Type(call), call.Peer, Entered(call), _stream.Handle), "ncclSend", call);
        Queued(call);
    }

    private protected override void Receive(in CollectiveCall call, void* destination)
    {
        lock (_calling)
            Check(_nccl.Receive(destination, (nuint)call.Count, Type(call), call.Peer, Entered(call), _stream.Handle), "ncclRecv", call);
        Queued(call);
    }

    private protected override void OnBeginGroup()
    {
        _lastOfGroup = default;
        Check(_nccl.GroupStart(), "ncclGroupStart", default);
    }

    private protected override void OnEndGroup()
    {
        lock (_calling)
            Check(_nccl.GroupEnd(), "ncclGroupEnd", _lastOfGroup);
        if (_lastOfGroup.Kind != CollectiveKind.None)
            Queued(_lastOfGroup);
    }

    private protected override void Release(bool inOrder)
    {
        _closing.Set();
        _watch?.Join();
        if (inOrder && !_context.IsLost && _communicator != 0)
        {
            _stream.Synchronize();
            if (_nccl.CommFinalize(_communicator) is NcclResult.Success or NcclResult.InProgress && Settle(s_connect) == NcclResult.Success)
                _nccl.CommDestroy(Interlocked.Exchange(ref _communicator, 0));
        }
        Abort();
        _queue.Dispose();
        _one?.Dispose();
    }

    private byte[] Meet(RankEnvironment environment, CallLog calls, CommunicatorOptions options)
    {
        if (environment.Size == 1)
            return _nccl.CreateUniqueId();
        (RankMonitor monitor, byte[] id) = Rendezvous.Meet(environment, calls, options, _nccl.CreateUniqueId);
        Watch(monitor);
        return id;
    }

    private void Connect(byte[] idBytes)
    {
        NcclUniqueId id;
        if (idBytes.Length != NcclUniqueId.Size)
            throw new GpuException($"Rank 0 gave {idBytes.Length} bytes where NCCL's unique id of {NcclUniqueId.Size} belongs: the ranks run different builds.");
        idBytes.CopyTo(new Span<byte>(&id, NcclUniqueId.Size));
        var config = new NcclConfig { Blocking = 0 };
        nint communicator = 0;
        _context.Enter();
        int result = _nccl.CommInitRankConfig(&communicator, Size, id, Rank, &config);
        _communicator = communicator;
        if (result is NcclResult.Success or NcclResult.InProgress)
            result = Settle(s_connect);
        if (result != NcclResult.Success)
            throw Failed("ncclCommInitRankConfig", result, s_connect);
    }

    /// <summary>The communicator, for a new call; the device must be intact.</summary>
    private nint Entered(in CollectiveCall call)
    {
        _context.Enter();
        if (_communicator == 0 && Size > 1 && Monitor.FaultOf(call) is { } fault)
            throw new CommunicatorException(fault, Here, call);
        ObjectDisposedException.ThrowIf(_communicator == 0, this);
        return _communicator;
    }

    private void Queued(in CollectiveCall call)
    {
        if (IsGrouped)
            _lastOfGroup = call;
        else
            _queue.Mark(call);
    }

    /// <summary>If NCCL is still working on a call, waits until it is queued.</summary>
    /// <remarks>It holds the lock that an abort needs, so it checks for faults itself.</remarks>
    private void Check(int result, string function, in CollectiveCall call)
    {
        if (result == NcclResult.InProgress && !IsGrouped)
            result = Settle(call);
        if (result is not (NcclResult.Success or NcclResult.InProgress))
            throw Failed(function, result, call);
    }

    /// <summary>Waits until NCCL has completed the exchange with the other ranks, and returns its result.</summary>
    private int Settle(in CollectiveCall call)
    {
        CallWait? wait = Size > 1 ? new(Monitor, Options.Timeout) : null;
        while (true)
        {
            int state, result = _nccl.CommGetAsyncError(_communicator, &state);
            if (result != NcclResult.Success || state != NcclResult.InProgress)
                return result != NcclResult.Success ? result : state;
            if (wait is { } patience)
            {
                patience.Round(new(in call));
                wait = patience;
            }
        }
    }

    private Exception Failed(string function, int result, in CollectiveCall call)
    {
        string what = call.Kind == CollectiveKind.None ? "" : $" ({call})";
        string message = $"{function}{what} on {_context.Label}, {Here}: {_nccl.Describe(result, _communicator)}; NCCL {Version}. NCCL_DEBUG=INFO shows more.";
        if (Size == 1)
            return new GpuException(message);
        Monitor.Report(new(RankFaultKind.LibraryFailed, Rank, message));
        return new CommunicatorException(Monitor.Fault!, Monitor.Fault!.Text);
    }

    /// <summary>Runs until the end or the first fault; then NCCL is aborted, so that nothing waits for it.</summary>
    private void Watch()
    {
        long watched = -1;
        CallWait wait = default;
        while (!_closing.Wait(WatchInterval))
        {
            if (Monitor.Fault is not null)
            {
                Abort();
                return;
            }
            try
            {
                LookForErrors();
                if (!_queue.TryGetOldest(out CollectiveCall call, out long place))
                    continue;
                if (place != watched)
                    (watched, wait) = (place, new(Monitor, Options.Timeout));
                wait.Look(call);
            }
            catch (Exception error) when (error is GpuException or ObjectDisposedException)
            {
                Monitor.Report(new(RankFaultKind.LibraryFailed, Rank, $"{Here} has lost its GPU: {error.Message}"));
            }
        }
    }

    private void LookForErrors()
    {
        lock (_calling)
        {
            int state;
            if (_communicator != 0 && _nccl.CommGetAsyncError(_communicator, &state) == NcclResult.Success && state is not (NcclResult.Success or NcclResult.InProgress))
                _ = Failed("ncclCommGetAsyncError", state, _queue.TryGetOldest(out CollectiveCall call, out _) ? call : default);
        }
    }

    /// <summary>Ends NCCL's work on the device, so that its streams continue.</summary>
    private void Abort()
    {
        lock (_calling)
        {
            if (Interlocked.Exchange(ref _communicator, 0) is not 0 and var communicator && !_context.IsLost)
                _nccl.CommAbort(communicator);
        }
    }

    private static NcclType Type(in CollectiveCall call) => call.Type switch
    {
        TensorType.F32 => NcclType.Float32,
        TensorType.F64 => NcclType.Float64,
        TensorType.F16 => NcclType.Float16,
        TensorType.BF16 => NcclType.BFloat16,
        TensorType.I32 => NcclType.Int32,
        _ => NcclType.Int64,
    };

    private static NcclOperation Operation(in CollectiveCall call) => call.Operation switch
    {
        ReduceOperation.Sum => NcclOperation.Sum,
        ReduceOperation.Product => NcclOperation.Product,
        ReduceOperation.Minimum => NcclOperation.Minimum,
        ReduceOperation.Maximum => NcclOperation.Maximum,
        _ => NcclOperation.Average,
    };
}
