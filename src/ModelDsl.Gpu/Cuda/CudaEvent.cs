namespace ModelDsl.Gpu.Cuda;

/// <summary>A position in a stream, with its time.</summary>
internal sealed unsafe class CudaEvent : GpuEvent, ICudaHandle
{
    private readonly CudaContext _context;

    public CudaEvent(CudaContext context)
    {
        _context = context;
        nint handle;
        context.Check(context.Enter().EventCreate(&handle, CudaFlags.EventDefault), "cuEventCreate");
        Handle = handle;
        context.Own(this);
    }

    public nint Handle { get; }

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Event;

    /// <summary>False while work before this position is running.</summary>
    public bool IsReached
    {
        get
        {
            int result = _context.Enter().EventQuery(Handle);
            if (result != CudaResult.NotReady)
                _context.Check(result, "cuEventQuery");
            return result != CudaResult.NotReady;
        }
    }

    public override void Synchronize() => _context.Check(_context.Enter().EventSynchronize(Handle), "cuEventSynchronize");

    /// <exception cref="GpuException">One of the two has not been recorded, or has not been reached yet.</exception>
    public override TimeSpan Since(GpuEvent earlier)
    {
        float milliseconds;
        _context.Check(_context.Enter().EventElapsedTime(&milliseconds, ((CudaEvent)earlier).Handle, Handle), "cuEventElapsedTime");
        return TimeSpan.FromMicroseconds(milliseconds * 1000.0);
    }

    public override void Dispose() => _context.Release(this);

    void ICudaHandle.Free() => _context.CheckFreed(_context.Driver.EventDestroy(Handle), "cuEventDestroy");
}
