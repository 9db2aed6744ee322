namespace ModelDsl.Gpu.Cuda;

/// <summary>A CUDA stream; it does not wait for the legacy default stream. Work queued on it can be captured as a graph.</summary>
public sealed unsafe class CudaStream : GpuStream, ICudaHandle
{
    private readonly CudaContext _context;
    private readonly CudaDevice _device;

    internal CudaStream(CudaDevice device, CudaContext context)
    {
        _device = device;
        _context = context;
        nint handle;
        context.Check(context.Enter().StreamCreate(&handle, CudaFlags.StreamNonBlocking), "cuStreamCreate");
        Handle = handle;
        context.Own(this);
    }

    public override GpuDevice Device => _device;

    /// <summary>The CUstream, for other libraries.</summary>
    public nint Handle { get; }

    /// <summary>True while <see cref="Capture"/> records queued work instead of running it.</summary>
    public bool IsCapturing { get; private set; }

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Stream;

    public override void Synchronize() => _context.Check(_context.Enter().StreamSynchronize(Handle), "cuStreamSynchronize");

    public override void Upload(GpuPointer destination, void* source, long bytes) => _context.Check(
        _context.Enter().MemcpyHtoDAsync(destination.Address, source, (nuint)bytes, Handle), "cuMemcpyHtoDAsync", bytes);

    public override void Download(void* destination, GpuPointer source, long bytes) => _context.Check(
        _context.Enter().MemcpyDtoHAsync(destination, source.Address, (nuint)bytes, Handle), "cuMemcpyDtoHAsync", bytes);

    public override void Copy(GpuPointer destination, GpuPointer source, long bytes) => _context.Check(
        _context.Enter().MemcpyDtoDAsync(destination.Address, source.Address, (nuint)bytes, Handle), "cuMemcpyDtoDAsync", bytes);

    public override void Fill(GpuPointer destination, byte value, long bytes) => _context.Check(
        _context.Enter().MemsetD8Async(destination.Address, value, (nuint)bytes, Handle), "cuMemsetD8Async", bytes);

    public override void Record(GpuEvent mark) => _context.Check(
        _context.Enter().EventRecord(((CudaEvent)mark).Handle, Handle), "cuEventRecord");

    public override void Wait(GpuEvent mark) => _context.Check(
        _context.Enter().StreamWaitEvent(Handle, ((CudaEvent)mark).Handle, 0), "cuStreamWaitEvent");

    /// <summary>
    /// Records the work that <paramref name="work"/> queues on this stream, instead of running it, as a graph that can be launched
    /// repeatedly with the same arguments. Waiting for the stream inside is an error.
    /// </summary>
    /// <remarks>
    /// The graph holds addresses: memory that it uses, pinned host memory included, must live as long as the graph. Other
    /// streams take part if they wait for an event of this one, and this one for theirs before the end.
    /// </remarks>
    public CudaGraph Capture(Action work)
    {
        _context.Check(_context.Enter().StreamBeginCapture(Handle, CudaFlags.CaptureRelaxed), "cuStreamBeginCapture");
        nint graph = 0;
        int result;
        IsCapturing = true;
        try
        {
            work();
        }
        catch
        {
            if (EndCapture(&graph) == 0)
                _context.Driver.GraphDestroy(graph);
            throw;
        }
        result = EndCapture(&graph);
        _context.Check(result, "cuStreamEndCapture");
        return new(_device, _context, graph);
    }

    public override void Dispose() => _context.Release(this);

    void ICudaHandle.Free() => _context.CheckFreed(_context.Driver.StreamDestroy(Handle), "cuStreamDestroy");

    private int EndCapture(nint* graph)
    {
        IsCapturing = false;
        return _context.Driver.StreamEndCapture(Handle, graph);
    }
}
