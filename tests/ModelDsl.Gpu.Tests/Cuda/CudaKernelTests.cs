using System.Runtime.InteropServices;
using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Tests.Emulator;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>Compiling, launching and refusing kernels, and graphs of them.</summary>
public sealed class CudaKernelTests : EmulatedDevice
{
    private const string AddSource = """
        KERNEL_BOUNDS(add, 256)(GLOBAL float* x, int n, float step, int64 offset)
        {
            if (ELEMENT < n) x[ELEMENT] += step + (float)offset;
        }
        """;

    [EmulatorFact]
    public void EveryTypeOfArgumentArrives()
    {
        GpuKernel add = Kernel(AddSource);
        using GpuMemory x = Device.Allocate(1000 * sizeof(float));
        add.Launch(Device.DefaultStream, KernelGrid.Elements(999), x, 999, 0.5f, 7L);
        Assert.Equal([.. Enumerable.Repeat(7.5f, 999), 0], Read(x, 1000));
        Assert.True(add.Resources.MaxGroupSize >= 256);
    }

    [EmulatorFact]
    public void ASourceIsCompiledAndLoadedOnce()
    {
        var source = new KernelSource("once.c", AddSource);
        GpuModule module = Device.Compile(source);
        Assert.Same(module, Device.Compile(new("once.c", AddSource)));
        Assert.NotSame(module, Device.Compile(source with { Defines = [("SIZE", "1")] }));
        Assert.Equal(2, CudaEmulator.Calls("cuModuleLoadData"));
        Assert.Contains("once.c has no kernel other; it has add.", Assert.Throws<ArgumentException>(() => module["other"]).Message);
    }

    [EmulatorFact]
    public void ALaunchAllocatesNothing()
    {
        GpuKernel add = Kernel(AddSource);
        using GpuMemory x = Device.Allocate(1024);
        GpuStream stream = Device.DefaultStream;
        add.Launch(stream, new(1, 256), x, 256, 1f, 0L);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            add.Launch(stream, new(1, 256), x, 256, 1f, 0L);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.All(Read(x, 256), value => Assert.Equal(101, value));
    }

    [EmulatorFact]
    public void GridsThatTheDeviceCannotRunAreRefused()
    {
        GpuKernel add = Kernel(AddSource);
        using GpuMemory x = Device.Allocate(1024);
        Refuse(new(0, 256), "is empty");
        Refuse(new(1, 512), "is beyond the 256 threads that a group of it can have on cuda:0");
        Refuse(new(1, 1, GroupsY: 70_000), "is beyond the 65535 groups");
        Refuse(new(1, 1, LocalBytes: 1 << 20), "1048576 bytes of shared memory beside its own ");

        void Refuse(KernelGrid grid, string reason) => Assert.Contains(reason,
            Assert.Throws<ArgumentException>(() => add.Launch(Device.DefaultStream, grid, x, 1, 1f, 0L)).Message);
    }

    [EmulatorFact]
    public void ALaunchOnAnotherDevicesStreamIsRefused()
    {
        GpuKernel add = Kernel(AddSource);
        using GpuMemory x = Device.Allocate(1024);
        CudaEmulator.SetDevices(2);
        using CudaDevice other = CudaDevice.Open(1, CudaLibraries.In(CudaEmulator.Folder));
        string message = Assert.Throws<ArgumentException>(() => add.Launch(other.DefaultStream, new(1, 1), x, 1, 1f, 0L)).Message;
        Assert.Contains("A stream of cuda:1 was given to cuda:0 (", message);
    }

    [EmulatorFact]
    public void SharedMemoryAboveTheUsualIsAskedForOnce()
    {
        GpuKernel kernel = Kernel("KERNEL(three)(GLOBAL float* x) { x[0] = 3; }");
        using GpuMemory x = Device.Allocate(4);
        kernel.Launch(Device.DefaultStream, new(1, 1, LocalBytes: 40 << 10), x);
        Assert.Equal(0, CudaEmulator.Calls("cuFuncSetAttribute"));
        kernel.Launch(Device.DefaultStream, new(1, 1, LocalBytes: 100 << 10), x);
        kernel.Launch(Device.DefaultStream, new(1, 1, LocalBytes: 200 << 10), x);
        Assert.Equal(1, CudaEmulator.Calls("cuFuncSetAttribute"));
        Assert.Equal([3], Read(x, 1));
    }

    [EmulatorFact]
    public void ASourceThatDoesNotCompileLeavesTheDeviceAsItWas()
    {
        var error = Assert.Throws<KernelCompilationException>(() => Kernel("KERNEL(bad)(int n)\n{\n    nonsense;\n}\n"));
        Assert.Contains("test.c(3): ", error.Message);
        Assert.Contains("nonsense;", error.Message);
        Assert.Equal(0, CudaEmulator.LiveHandles("module"));
        Assert.NotNull(Kernel(AddSource));
    }

    [EmulatorFact]
    public void AGraphIsReplayed()
    {
        GpuKernel add = Kernel(AddSource);
        using CudaStream stream = Device.CreateStream();
        using GpuMemory x = Device.Allocate(256 * sizeof(float)), y = Device.Allocate(256 * sizeof(float));
        using CudaGraph graph = stream.Capture(() =>
        {
            Assert.True(stream.IsCapturing);
            add.Launch(stream, new(1, 256), x, 256, 1f, 0L);
            add.Launch(stream, new(1, 256), x, 256, 2f, 0L);
            stream.Copy(y, x, y.Bytes);
        });
        Assert.False(stream.IsCapturing);
        Assert.Equal(3, graph.Nodes);
        Assert.Equal(new float[256], Read(x, 256)); // nothing has run yet
        graph.Launch(stream);
        graph.Launch(stream);
        long before = GC.GetAllocatedBytesForCurrentThread();
        graph.Launch(stream);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        stream.Synchronize();
        Assert.All(Read(y, 256), value => Assert.Equal(9, value));
    }

    [EmulatorFact]
    public void ACaptureThatFailsLeavesTheStreamAsItWas()
    {
        using CudaStream stream = Device.CreateStream();
        using GpuMemory x = Device.Allocate(256);
        Assert.Throws<InvalidOperationException>(() => stream.Capture(() =>
        {
            stream.Fill(x, 1, 256);
            throw new InvalidOperationException();
        }));
        Assert.False(stream.IsCapturing);
        Assert.Equal(0, CudaEmulator.LiveHandles("graph"));
        stream.Fill(x, 2, 256);
        stream.Synchronize();
        byte[] back = new byte[256];
        x.Read(0, back);
        Assert.All(back, value => Assert.Equal(2, value));
    }

    [EmulatorFact]
    public void MemoryMayBeMadeAndGivenBackDuringACapture()
    {
        using CudaStream stream = Device.CreateStream(), beside = Device.CreateStream();
        using GpuEvent begun = Device.CreateEvent(), done = Device.CreateEvent();
        using GpuMemory x = Device.Allocate(1024), y = Device.Allocate(1024);
        using CudaGraph graph = stream.Capture(() =>
        {
            stream.Record(begun);
            beside.Wait(begun); // takes part from here
            Device.Allocate(5000).Dispose();
            Device.Allocate(5000).Dispose();
            Kernel(AddSource).Launch(stream, new(1, 256), x, 256, 1f, 0L);
            beside.Fill(y, 1, 16);
            beside.Record(done);
            stream.Wait(done);
        });
        Assert.Equal(2, graph.Nodes);
        Device.Allocate(5000).Dispose();
        graph.Launch(stream);
        stream.Synchronize();
        Assert.Equal(1, MemoryMarshal.Read<float>(MemoryMarshal.AsBytes(Read(x, 256).AsSpan())));
    }
}
