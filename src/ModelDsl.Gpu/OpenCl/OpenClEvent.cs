namespace ModelDsl.Gpu.OpenCl;

/// <summary>A marker in a queue; recording it again creates a new marker.</summary>
internal sealed unsafe class OpenClEvent(OpenClDevice device) : GpuEvent
{
    private const uint ProfilingCommandEnd = 0x1283;

    private bool _disposed;

    public OpenClDevice Device => device;

    /// <summary>The marker's event; 0 if it was never recorded.</summary>
    public nint Handle { get; private set; }

    /// <summary>Records the marker and flushes the queue, so that another queue does not wait for the marker forever.</summary>
    public void Record(nint queue)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Release();
        nint handle;
        int code = device.Library.EnqueueMarker(queue, 0, null, &handle);
        Handle = device.Opened(handle, code, "clEnqueueMarkerWithWaitList");
        code = device.Library.Flush(queue);
        if (code != OpenClStatus.Success)
            throw device.Failure(code, "clFlush");
    }

    public override void Synchronize()
    {
        device.ThrowIfUnusable();
        ObjectDisposedException.ThrowIf(_disposed, this);
        nint handle = Handle;
        if (handle == 0)
            return;
        int code = device.Library.WaitForEvents(1, &handle);
        if (code != OpenClStatus.Success)
            throw device.Lost(code, "clWaitForEvents");
    }

    public override TimeSpan Since(GpuEvent earlier)
    {
        ulong nanoseconds = EndTime() - ((OpenClEvent)earlier).EndTime();
        return TimeSpan.FromTicks((long)nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    public override void Dispose()
    {
        _disposed = true;
        Release();
    }

    private ulong EndTime()
    {
        if (Handle == 0)
            throw new InvalidOperationException("The event was not recorded.");
        ulong time;
        int code = device.Library.GetEventProfilingInfo(Handle, ProfilingCommandEnd, sizeof(ulong), &time, null);
        return code == OpenClStatus.Success ? time : throw device.Failure(code, "clGetEventProfilingInfo");
    }

    private void Release()
    {
        if (Handle == 0)
            return;
        device.Library.ReleaseEvent(Handle);
        device.Closed();
        Handle = 0;
    }
}
