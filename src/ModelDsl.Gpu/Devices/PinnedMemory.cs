namespace ModelDsl.Gpu;

/// <summary>Host memory that is locked in place, so that a copy to or from the GPU runs beside other work.</summary>
public abstract unsafe class PinnedMemory : IDisposable
{
    public abstract void* Pointer { get; }

    public abstract long Bytes { get; }

    /// <summary>The whole block as elements of <typeparamref name="T"/>.</summary>
    public Span<T> AsSpan<T>() where T : unmanaged => new(Pointer, checked((int)(Bytes / sizeof(T))));

    public abstract void Dispose();
}
