namespace ModelDsl.Gpu.OpenCl;

/// <summary>A block of a <see cref="OpenClMemoryPool"/>, read and written through its device's default stream.</summary>
internal sealed unsafe class OpenClMemory(OpenClDevice device, OpenClMemoryPool pool, nuint address, long bytes, string purpose) : GpuMemory
{
    private bool _disposed;

    public override void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return (void*)address;
        }
    }

    public override long Bytes => bytes;

    public override string Purpose => purpose;

    public override void Write(long offset, ReadOnlySpan<byte> source)
    {
        Check(offset, source.Length);
        device.DefaultStream.Upload(Address + offset, source);
    }

    public override void Read(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        device.DefaultStream.Download(destination, Address + offset);
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        pool.Return(address);
    }

    public override string ToString() => $"{purpose}, {bytes:N0} bytes on {device.Id}";

    private void Check(long offset, long length)
    {
        if (offset < 0 || length > bytes - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset:N0} to {offset + length:N0} are outside {this}.");
    }
}
