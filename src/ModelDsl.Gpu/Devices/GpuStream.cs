namespace ModelDsl.Gpu;

/// <summary>
/// A queue of work on one device, run in order. Calls return at once; an error on the device is thrown by the next
/// call that waits.
/// </summary>
public abstract unsafe class GpuStream : IDisposable
{
    public abstract GpuDevice Device { get; }

    /// <summary>Waits until everything queued so far has ended.</summary>
    public abstract void Synchronize();

    /// <summary>Copies from the host. Pinned memory must not change until the copy has ended; other memory is copied before the call returns.</summary>
    public abstract void Upload(GpuPointer destination, void* source, long bytes);

    /// <summary>Copies to the host; the destination is complete after <see cref="Synchronize"/>.</summary>
    public abstract void Download(void* destination, GpuPointer source, long bytes);

    /// <summary>Copies within the device; the ranges do not overlap.</summary>
    public abstract void Copy(GpuPointer destination, GpuPointer source, long bytes);

    /// <summary>Sets every byte.</summary>
    public abstract void Fill(GpuPointer destination, byte value, long bytes);

    /// <summary>Marks the current position in the queue.</summary>
    public abstract void Record(GpuEvent mark);

    /// <summary>Work queued after this call begins once <paramref name="mark"/> has been reached.</summary>
    public abstract void Wait(GpuEvent mark);

    public abstract void Dispose();

    /// <summary>Copies from the host and waits.</summary>
    public void Upload<T>(GpuPointer destination, ReadOnlySpan<T> source) where T : unmanaged
    {
        fixed (T* pointer = source)
            Upload(destination, pointer, (long)source.Length * sizeof(T));
        Synchronize();
    }

    /// <summary>Copies to the host and waits.</summary>
    public void Download<T>(Span<T> destination, GpuPointer source) where T : unmanaged
    {
        fixed (T* pointer = destination)
        {
            Download(pointer, source, (long)destination.Length * sizeof(T));
            Synchronize();
        }
    }
}

/// <summary>A position in a stream's queue, to wait for and to measure times.</summary>
public abstract class GpuEvent : IDisposable
{
    /// <summary>Waits until the position has been reached.</summary>
    public abstract void Synchronize();

    /// <summary>Time on the device from <paramref name="earlier"/> to this; both have been reached.</summary>
    public abstract TimeSpan Since(GpuEvent earlier);

    public abstract void Dispose();
}
