namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>The emulated streams: work is done when something waits for it, and captures record it.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed unsafe class StreamTests : IDisposable
{
    private const int CaptureUnsupported = 900, CaptureInvalidated = 901;

    private readonly RawCuda _cuda = new();
    private readonly nint _kernel, _stream, _other, _x;

    public StreamTests()
    {
        _kernel = _cuda.Kernel("extern \"C\" __global__ void twice(int* x, long long add) { *x = *x * 2 + (int)add; }", "twice");
        _stream = Make("cuStreamCreate");
        _other = Make("cuStreamCreate");
        _x = _cuda.Upload<int>([1]);
    }

    public void Dispose() => _cuda.Dispose();

    [EmulatorFact]
    public void PinnedMemoryHasOldDataUntilTheStreamIsWaitedFor()
    {
        int* pinned;
        RawCuda.Check(((delegate* unmanaged<int**, nint, uint, int>)_cuda.Driver("cuMemHostAlloc"))(&pinned, 4, 0));
        *pinned = -1;
        Launch(_stream, 5);
        RawCuda.Check(((delegate* unmanaged<void*, nint, nint, nint, int>)_cuda.Driver("cuMemcpyDtoHAsync_v2"))(pinned, _x, 4, _stream));

        Assert.Equal(-1, *pinned);
        RawCuda.Check(Call("cuStreamSynchronize", _stream));
        Assert.Equal(7, *pinned);
    }

    [EmulatorFact]
    public void AStreamWaitsForAnothersEvent()
    {
        nint mark = Make("cuEventCreate");
        Launch(_other, 3); // 2 * 1 + 3
        RawCuda.Check(Call("cuEventRecord", mark, _other));
        Launch(_other, 100);
        RawCuda.Check(((delegate* unmanaged<nint, nint, uint, int>)_cuda.Driver("cuStreamWaitEvent"))(_stream, mark, 0));
        Launch(_stream, 1); // 2 * 5 + 1

        RawCuda.Check(Call("cuStreamSynchronize", _stream));
        RawCuda.Check(Call("cuStreamSynchronize", _other)); // 2 * 11 + 100

        Assert.Equal([122], _cuda.Download<int>(_x, 1));
    }

    [EmulatorFact]
    public void AGraphDoesWhatWasCapturedAsOftenAsItIsLaunched()
    {
        BeginCapture();
        Launch(_stream, 1);
        Launch(_stream, 0);
        nint graph, executable;
        RawCuda.Check(((delegate* unmanaged<nint, nint*, int>)_cuda.Driver("cuStreamEndCapture"))(_stream, &graph));
        RawCuda.Check(((delegate* unmanaged<nint*, nint, ulong, int>)_cuda.Driver("cuGraphInstantiateWithFlags"))(&executable, graph, 0));
        Assert.Equal([1], _cuda.Download<int>(_x, 1)); // nothing has run

        RawCuda.Check(Call("cuGraphLaunch", executable, _stream)); // (2 x + 1) 2
        RawCuda.Check(Call("cuGraphLaunch", executable, _stream));
        RawCuda.Check(Call("cuStreamSynchronize", _stream));

        Assert.Equal([26], _cuda.Download<int>(_x, 1));
    }

    [EmulatorFact]
    public void WaitingInACaptureEndsIt()
    {
        BeginCapture();
        Assert.Equal(CaptureUnsupported, Call("cuStreamSynchronize", _stream));
        nint graph;
        Assert.Equal(CaptureInvalidated, ((delegate* unmanaged<nint, nint*, int>)_cuda.Driver("cuStreamEndCapture"))(_stream, &graph));
        Assert.Equal(0, graph);
    }

    private nint Make(string function)
    {
        nint handle;
        RawCuda.Check(((delegate* unmanaged<nint*, uint, int>)_cuda.Driver(function))(&handle, 0));
        return handle;
    }

    private void BeginCapture() => RawCuda.Check(((delegate* unmanaged<nint, int, int>)_cuda.Driver("cuStreamBeginCapture_v2"))(_stream, 0));

    private int Call(string function, nint handle) => ((delegate* unmanaged<nint, int>)_cuda.Driver(function))(handle);

    private int Call(string function, nint handle, nint other) => ((delegate* unmanaged<nint, nint, int>)_cuda.Driver(function))(handle, other);

    private void Launch(nint stream, long add)
    {
        nint x = _x;
        void** arguments = stackalloc void*[] { &x, &add };
        RawCuda.Check(((delegate* unmanaged<nint, int, int, int, int, int, int, int, nint, void**, void**, int>)_cuda.Driver("cuLaunchKernel"))(
            _kernel, 1, 1, 1, 1, 1, 1, 0, stream, arguments, null));
    }
}
