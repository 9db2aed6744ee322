namespace ModelDsl.Runtime;

/// <summary>A block of a device's memory, owned by whoever asked for it.</summary>
public abstract unsafe class DeviceMemory : IDisposable
{
    public abstract void* Pointer { get; }
    public abstract long Bytes { get; }

    /// <summary>Copies from the host; the device has it when the next launch begins.</summary>
    public abstract void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Copies to the host once everything launched so far has ended.</summary>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>A call that uses <see cref="Pointer"/>: until it ends, the memory stays, disposed or not.</summary>
    /// <exception cref="ObjectDisposedException"/>
    internal virtual Lifetime.Use Hold() => default;

    public abstract void Dispose();
}

/// <summary>A device has less memory free than was asked for.</summary>
public sealed class InsufficientDeviceMemoryException(string message) : Exception(message);
