namespace ModelDsl.Gpu.Cuda;

/// <summary>Host memory that the driver has locked in place.</summary>
internal sealed unsafe class CudaPinnedMemory : PinnedMemory, ICudaHandle
{
    private readonly CudaContext _context;
    private readonly void* _pointer;

    public CudaPinnedMemory(CudaContext context, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _context = context;
        Bytes = bytes;
        void* pointer;
        context.Check(context.Enter().MemHostAlloc(&pointer, (nuint)Math.Max(bytes, 1), CudaFlags.HostAllocPortable), "cuMemHostAlloc", bytes);
        _pointer = pointer;
        context.Own(this);
    }

    public override void* Pointer => _pointer;
    public override long Bytes { get; }

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Pinned;

    public override void Dispose() => _context.Release(this);

    void ICudaHandle.Free() => _context.CheckFreed(_context.Driver.MemFreeHost(_pointer), "cuMemFreeHost");
}
