using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Tests.Emulator;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>A test class on a new emulated GPU; at the end every handle must be released.</summary>
[Collection(CudaEmulatorCollection.Name)]
public abstract class EmulatedDevice : IDisposable
{
    private static readonly string[] s_kinds = ["memory", "pinned", "stream", "event", "module", "graph", "executable", "context"];

    private CudaDevice? _device;

    protected CudaDevice Device => _device ??= Open();

    protected static CudaDevice Open(int capability = 90, long memoryBytes = 64L << 20)
    {
        CudaEmulator.Reset(capability, memoryBytes: memoryBytes);
        return Reopen();
    }

    /// <summary>Opens the GPU again without a reset.</summary>
    protected static CudaDevice Reopen() => CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder));

    /// <summary>The kernel of a source that has one.</summary>
    protected GpuKernel Kernel(string source, string file = "test.c")
    {
        var kernel = new KernelSource(file, source);
        return Device.Compile(kernel)[KernelSignature.ParseAll(kernel)[0].Name];
    }

    protected static float[] Read(GpuMemory memory, int count)
    {
        float[] values = new float[count];
        memory.Read(0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    protected static void AssertNothingIsLeft() =>
        Assert.Equal(s_kinds.Select(kind => $"{kind} 0"), s_kinds.Select(kind => $"{kind} {CudaEmulator.LiveHandles(kind)}"));

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (_device is null)
            return;
        _device.Dispose();
        AssertNothingIsLeft();
    }
}
