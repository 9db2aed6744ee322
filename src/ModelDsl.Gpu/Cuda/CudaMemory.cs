namespace ModelDsl.Gpu.Cuda;

/// <summary>A block of the pool that is in use.</summary>
internal sealed unsafe class CudaMemory : GpuMemory, ICudaHandle
{
    private readonly CudaContext _context;
    private readonly CudaMemoryPool _pool;
    private readonly CudaStream _stream;
    private readonly nuint _address;

    /// <param name="stream">The stream of <see cref="Write"/> and <see cref="Read"/>.</param>
    public CudaMemory(CudaContext context, CudaMemoryPool pool, CudaStream stream, long bytes, string purpose)
    {
        _context = context;
        _pool = pool;
        _stream = stream;
        Bytes = bytes;
        Purpose = purpose;
        _address = pool.Take(bytes, purpose);
        context.Own(this);
    }

    public override void* Pointer => (void*)_address;
    public override long Bytes { get; }
    public override string Purpose { get; }

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Memory;

    public override void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        _stream.Upload(Address + offset, source);
    }

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        _stream.Download(destination, Address + offset);
    }

    public override void Dispose() => _context.Release(this);

    void ICudaHandle.Free() => _pool.Give(_address, Bytes);

    private void CheckRange(long offset, int length)
    {
        if (offset < 0 || length > Bytes - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset} are beyond the {Bytes} bytes of {Purpose}.");
    }
}
