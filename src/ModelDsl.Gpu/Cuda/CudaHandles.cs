namespace ModelDsl.Gpu.Cuda;

/// <summary>What a context owns, in the order in which it is freed.</summary>
internal enum CudaHandleKind { Library, Graph, Module, Memory, Pool, Pinned, Event, Stream }

/// <summary>Something that a context owns.</summary>
internal interface ICudaHandle
{
    CudaHandleKind Kind { get; }

    /// <summary>Frees it; the context is current and calls this once.</summary>
    void Free();
}

/// <summary>The live handles of a context.</summary>
internal sealed class CudaHandles
{
    private readonly Lock _lock = new();
    private readonly HashSet<ICudaHandle>[] _live = [.. Enum.GetValues<CudaHandleKind>().Select(_ => new HashSet<ICudaHandle>())];

    public void Add(ICudaHandle handle)
    {
        lock (_lock)
            _live[(int)handle.Kind].Add(handle);
    }

    /// <summary>False where it was freed before.</summary>
    public bool Remove(ICudaHandle handle)
    {
        lock (_lock)
            return _live[(int)handle.Kind].Remove(handle);
    }

    /// <summary>Those of one kind, as they are now.</summary>
    public ICudaHandle[] Of(CudaHandleKind kind)
    {
        lock (_lock)
            return [.. _live[(int)kind]];
    }

    /// <summary>Everything, in the order in which it is to be freed; afterwards nothing is live.</summary>
    public ICudaHandle[] TakeAll()
    {
        lock (_lock)
        {
            ICudaHandle[] all = [.. _live.SelectMany(handles => handles)];
            foreach (HashSet<ICudaHandle> handles in _live)
                handles.Clear();
            return all;
        }
    }
}
