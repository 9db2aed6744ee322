using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// The primary context of one GPU, which cuBLASLt and NCCL share and every call goes through. It checks what calls
/// return, remembers the first fault that broke it, and owns the handles that were created in it.
/// </summary>
internal sealed unsafe class CudaContext : IDisposable
{
    private readonly int _device;
    private readonly nint _context;
    private volatile string? _lost;
    private volatile bool _disposed;

    /// <param name="device">The driver's number of the GPU.</param>
    /// <param name="label">Its name in errors: "cuda:0 (NVIDIA H200)".</param>
    public CudaContext(CudaDriver driver, int device, string label)
    {
        Driver = driver;
        Label = label;
        _device = device;
        nint context;
        Check(driver.DevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
        _context = context;
    }

    public CudaDriver Driver { get; }

    public string Label { get; }

    public CudaHandles Handles { get; } = new();

    public bool IsLost => _lost is not null;

    /// <summary>Makes the context current on the calling thread; every method that calls the driver begins with it.</summary>
    /// <exception cref="GpuDeviceLostException">A kernel has broken the context.</exception>
    /// <exception cref="ObjectDisposedException">The device is disposed.</exception>
    public CudaDriver Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(CudaDevice));
        if (_lost is { } cause)
            throw new GpuDeviceLostException(cause);
        Check(Driver.CtxSetCurrent(_context), "cuCtxSetCurrent");
        return Driver;
    }

    public void Check(int result, string call)
    {
        if (result != 0)
            throw Failed(result, call);
    }

    public void Check(int result, string call, long bytes)
    {
        if (result != 0)
            throw Failed(result, call, $"of {ByteSize.Text(bytes)}");
    }

    /// <summary>The exception for a failed call; a fault that breaks the context is remembered, and thrown from then on.</summary>
    public Exception Failed(int result, string call, string? what = null)
    {
        string message = $"{call}{(what is null ? "" : " ")}{what} on {Label}: {Driver.Describe(result)}.";
        if (!CudaResult.LosesContext(result))
            return new GpuException(message);
        Interlocked.CompareExchange(ref _lost,
            message + " A kernel queued before broke the device; dispose it and open it again.", null);
        return new GpuDeviceLostException(_lost!);
    }

    /// <summary>Takes ownership of a handle: it is freed by <see cref="Release"/>, or with the context.</summary>
    public T Own<T>(T handle) where T : ICudaHandle
    {
        Handles.Add(handle);
        return handle;
    }

    /// <summary>Frees a handle; does nothing if it has been freed already.</summary>
    public void Release(ICudaHandle handle)
    {
        if (!Handles.Remove(handle))
            return;
        Driver.CtxSetCurrent(_context);
        handle.Free();
    }

    /// <summary>Checks a call that frees: in a broken context, or at process exit, it may fail.</summary>
    public void CheckFreed(int result, string call)
    {
        if (result is 0 or CudaResult.Deinitialized || IsLost)
            return;
        Exception error = Failed(result, call);
        if (error is not GpuDeviceLostException)
            throw error;
    }

    /// <summary>Waits for the streams, frees every remaining handle, in the order of <see cref="CudaHandleKind"/>, then the context.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Driver.CtxSetCurrent(_context);
        GpuException? first = null;
        foreach (ICudaHandle handle in Handles.Of(CudaHandleKind.Stream))
            Try(() => CheckFreed(Driver.StreamSynchronize(((CudaStream)handle).Handle), "cuStreamSynchronize"));
        foreach (ICudaHandle handle in Handles.TakeAll())
            Try(handle.Free);
        Driver.CtxSetCurrent(0);
        // A broken primary context stays broken as long as anything in the process holds it.
        if (IsLost)
            Driver.DevicePrimaryCtxReset(_device);
        CheckFreed(Driver.DevicePrimaryCtxRelease(_device), "cuDevicePrimaryCtxRelease");
        if (first is not null)
            throw first;

        void Try(Action free)
        {
            try
            {
                free();
            }
            catch (GpuException error)
            {
                first ??= error;
            }
        }
    }
}
