namespace ModelDsl.Gpu.Cuda;

/// <summary>The kinds of handles that a context owns, in the order in which they are freed.</summary>
internal enum CudaHandleKind { Library, Graph, Module, Memory, Pool, Pinned, Event, Stream }

/// <summary>A handle that a context owns.</summary>
internal interface ICudaHandle
{
    CudaHandleKind Kind { get; }

    /// <summary>Frees the handle; the context is current and calls this once.</summary>
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

    /// <summary>False if it was freed before.</summary>
    public bool Remove(ICudaHandle handle)
    {
        lock (_lock)
            return _live[(int)handle.Kind].Remove(handle);
    }

    /// <summary>A snapshot of the handles of one kind.</summary>
    public ICudaHandle[] Of(CudaHandleKind kind)
    {
        lock (_lock)
            return [.. _live[(int)kind]];
    }

    /// <summary>All handles, in the order in which they are to be freed; afterwards none is live.</summary>
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
