namespace ModelDsl.Gpu;

/// <summary>Host memory that is locked in place, so that copies to and from the GPU can be asynchronous.</summary>
public abstract unsafe class PinnedMemory : IDisposable
{
    public abstract void* Pointer { get; }

    public abstract long Bytes { get; }

    /// <summary>The whole block as elements of <typeparamref name="T"/>.</summary>
    public Span<T> AsSpan<T>() where T : unmanaged => new(Pointer, checked((int)(Bytes / sizeof(T))));

    public abstract void Dispose();
}
