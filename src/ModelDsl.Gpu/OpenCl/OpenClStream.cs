namespace ModelDsl.Gpu.OpenCl;

/// <summary>An in-order command queue with profiling.</summary>
internal sealed unsafe class OpenClStream : GpuStream
{
    private const ulong QueueProperties = 0x1093, ProfilingEnable = 2;

    private readonly OpenClDevice _device;
    private nint _queue;

    public OpenClStream(OpenClDevice device)
    {
        _device = device;
        ulong* properties = stackalloc ulong[] { QueueProperties, ProfilingEnable, 0 };
        int code;
        nint queue = device.Library.CreateQueue(device.Context, device.Handle, properties, &code);
        _queue = device.Opened(queue, code, "clCreateCommandQueueWithProperties");
    }

    public override GpuDevice Device => _device;

    /// <summary>The queue, for a call that queues work.</summary>
    public nint Queue
    {
        get
        {
            _device.ThrowIfUnusable();
            ObjectDisposedException.ThrowIf(_queue == 0, this);
            return _queue;
        }
    }

    public override void Synchronize()
    {
        int code = _device.Library.Finish(Queue);
        if (code != OpenClStatus.Success)
            throw _device.Lost(code, "clFinish");
    }

    /// <summary>Waits and ignores errors: the device is being disposed.</summary>
    public void Finish()
    {
        if (_queue != 0)
            _device.Library.Finish(_queue);
    }

    public override void Upload(GpuPointer destination, void* source, long bytes) =>
        Copy((void*)destination.Address, source, bytes, wait: !_device.IsPinned(source, bytes), "upload");

    public override void Download(void* destination, GpuPointer source, long bytes) =>
        Copy(destination, (void*)source.Address, bytes, wait: false, "download");

    public override void Copy(GpuPointer destination, GpuPointer source, long bytes) =>
        Copy((void*)destination.Address, (void*)source.Address, bytes, wait: false, "copy");

    public override void Fill(GpuPointer destination, byte value, long bytes)
    {
        if (bytes == 0)
            return;
        // A pattern of 16 bytes where the range allows it: drivers fill pattern by pattern.
        nuint size = ((long)destination.Address | bytes) % 16 == 0 ? 16u : 1u;
        byte* pattern = stackalloc byte[16];
        new Span<byte>(pattern, 16).Fill(value);
        int code = _device.Library.EnqueueSvmMemFill(Queue, (void*)destination.Address, pattern, size, (nuint)bytes, 0, null, null);
        if (code != OpenClStatus.Success)
            throw _device.Failure(code, "clEnqueueSVMMemFill", $"{bytes:N0} bytes at {destination}");
    }

    public override void Record(GpuEvent mark) => Own(mark).Record(Queue);

    public override void Wait(GpuEvent mark)
    {
        nint handle = Own(mark).Handle;
        if (handle == 0)
            return; // never recorded: nothing to wait for
        int code = _device.Library.EnqueueBarrier(Queue, 1, &handle, null);
        if (code != OpenClStatus.Success)
            throw _device.Failure(code, "clEnqueueBarrierWithWaitList");
    }

    public override void Dispose()
    {
        if (_queue == 0)
            return;
        _device.Forget(this);
        _device.Library.ReleaseQueue(_queue);
        _device.Closed();
        _queue = 0;
    }

    private void Copy(void* destination, void* source, long bytes, bool wait, string what)
    {
        if (bytes == 0)
            return;
        int code = _device.Library.EnqueueSvmMemcpy(Queue, wait ? 1u : 0u, destination, source, (nuint)bytes, 0, null, null);
        if (code != OpenClStatus.Success)
            throw _device.Failure(code, "clEnqueueSVMMemcpy", $"{what} of {bytes:N0} bytes");
    }

    private OpenClEvent Own(GpuEvent mark) => mark is OpenClEvent own && own.Device == _device
        ? own
        : throw new ArgumentException($"The event is not one of {_device}.", nameof(mark));
}
