namespace ModelDsl.Runtime.Cpu;

/// <summary>Zeroed host memory in huge pages where the system has them; pages are taken when first touched.</summary>
public sealed unsafe class CpuMemory : DeviceMemory
{
    private readonly HostPages _pages;
    private readonly Lifetime? _lifetime; // null where there was too little memory
    private volatile bool _disposed;

    /// <exception cref="InsufficientDeviceMemoryException">Less than <paramref name="bytes"/> is free.</exception>
    public CpuMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        _pages = HostPages.Allocate(bytes);
        _lifetime = new(nameof(CpuMemory), () => _pages.Free());
    }

    ~CpuMemory() => _lifetime?.Dispose();

    public override void* Pointer => _disposed ? throw new ObjectDisposedException(nameof(CpuMemory)) : _pages.Pointer;

    public override long Bytes { get; }

    public override void Write(long offset, ReadOnlySpan<byte> source)
    {
        using var use = Hold();
        CheckRange(offset, source.Length);
        source.CopyTo(new Span<byte>((byte*)_pages.Pointer + offset, source.Length));
    }

    public override void Read(long offset, Span<byte> destination)
    {
        using var use = Hold();
        CheckRange(offset, destination.Length);
        new ReadOnlySpan<byte>((byte*)_pages.Pointer + offset, destination.Length).CopyTo(destination);
    }

    internal override Lifetime.Use Hold() => _lifetime!.Enter();

    public override void Dispose()
    {
        _disposed = true;
        _lifetime!.Dispose();
        GC.SuppressFinalize(this);
    }

    private void CheckRange(long offset, int length)
    {
        if (offset < 0 || offset > Bytes - length)
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Bytes [{offset}, {offset + length}) are not inside the block's {Bytes}.");
    }
}
