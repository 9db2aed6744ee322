namespace ModelDsl.Runtime.Cpu;

/// <summary>Zeroed host memory in huge pages where the system has them; pages are taken when first touched.</summary>
public sealed unsafe class CpuMemory : DeviceMemory
{
    private readonly HostPages _pages;
    private bool _disposed;

    /// <exception cref="InsufficientDeviceMemoryException">Less than <paramref name="bytes"/> is free.</exception>
    public CpuMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        _pages = HostPages.Allocate(bytes);
    }

    ~CpuMemory() => Free();

    public override void* Pointer => _disposed ? throw new ObjectDisposedException(nameof(CpuMemory)) : _pages.Pointer;

    public override long Bytes { get; }

    public override void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        source.CopyTo(new Span<byte>((byte*)Pointer + offset, source.Length));
    }

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        new ReadOnlySpan<byte>((byte*)Pointer + offset, destination.Length).CopyTo(destination);
    }

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (!_disposed)
        {
            _disposed = true;
            _pages.Free();
        }
    }

    private void CheckRange(long offset, int length)
    {
        if (offset < 0 || offset > Bytes - length)
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Bytes [{offset}, {offset + length}) are not inside the block's {Bytes}.");
    }
}
