using ModelDsl.Gpu.OpenCl;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>Memory, modules, and when objects are released.</summary>
public sealed class OpenClDeviceTests
{
    [OpenClFact]
    public void WhatIsListedOpens()
    {
        DeviceInfo info = OpenClPlatform.List().Devices[0];
        using OpenClDevice device = OpenClDevice.Open();
        Assert.Equal(("opencl:0", "OpenCL", device.Name, device.TotalMemory), (info.Id, info.Kind, info.Name, info.Memory));
        Assert.StartsWith("OpenCL ", info.Capability);
        Assert.Equal(0, device.ComputeCapability);
        Assert.True(device.Multiprocessors > 0 && device.MaxGroupSize >= 1 && device.MaxLocalMemory >= 16 << 10);
    }

    [OpenClFact]
    public void ADeviceThatIsNotThereIsRefusedWithThoseThatAre()
    {
        int count = OpenClPlatform.List().Devices.Count;
        Assert.Equal($"There is no opencl:{count}; there are opencl:0 to opencl:{count - 1}.", Assert.Throws<GpuException>(() => OpenClDevice.Open(count)).Message);
    }

    [OpenClFact]
    public void MemoryIsZeroedAlignedAndUsedAgain()
    {
        using OpenClDevice device = OpenClDevice.Open();
        byte[] bytes = new byte[1000];
        GpuMemory first = device.Allocate(bytes.Length, "first");
        GpuPointer address = first;
        Assert.Equal(0u, address.Address % 256);
        first.Read(0, bytes);
        Assert.Equal(new byte[bytes.Length], bytes);

        bytes.AsSpan().Fill(7);
        first.Write(0, bytes);
        first.Dispose();
        using GpuMemory second = device.Allocate(bytes.Length, "second");
        Assert.Equal(address, second.Address);
        second.Read(0, bytes);
        Assert.Equal(new byte[bytes.Length], bytes);
    }

    [OpenClFact]
    public void ReadsAndWritesStayInTheirBlock()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory memory = device.Allocate(100, "weights");
        byte[] read = new byte[3];
        memory.Write(97, [1, 2, 3]);
        memory.Read(97, read);
        Assert.Equal([1, 2, 3], read);
        Assert.Contains("outside weights, 100 bytes on opencl:0", Assert.Throws<ArgumentOutOfRangeException>(() => memory.Write(98, [1, 2, 3])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Read(-1, read));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate(0));
    }

    [OpenClFact]
    public void OutOfMemorySaysWhatWasAskedWhatIsFreeAndWhoHoldsTheRest()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory one = device.Allocate(1 << 20, "weights"), two = device.Allocate(1 << 20, "weights"), three = device.Allocate(1 << 20, "scratch");
        string message = Assert.Throws<InsufficientDeviceMemoryException>(() => device.Allocate(1L << 50, "activations")).Message;
        Assert.StartsWith($"{device} has no 1024 TiB for activations: ", message);
        Assert.EndsWith($" of {ByteSize.Text(device.TotalMemory)} are free. Held: weights 2 MiB in 2 blocks, scratch 1 MiB.", message);
    }

    [OpenClFact]
    public void AModuleIsCompiledOnceForItsConstants()
    {
        using OpenClDevice device = OpenClDevice.Open();
        const string Text = "KERNEL(set)(GLOBAL int* x) { x[0] = VALUE; }";
        GpuModule module = device.Compile(new KernelSource("set.c", Text, ("VALUE", "1")));
        Assert.Same(module, device.Compile(new KernelSource("set.c", Text, ("VALUE", "1"))));
        Assert.NotSame(module, device.Compile(new KernelSource("set.c", Text, ("VALUE", "2"))));
        Assert.Same(module["set"], module["set"]);
        Assert.InRange(module["set"].Resources.MaxGroupSize, 1, int.MaxValue);
    }

    [OpenClFact]
    public void NothingIsLeftAfterDispose()
    {
        OpenClDevice device = OpenClDevice.Open();
        GpuMemory memory = device.Allocate(1000), gone = device.Allocate(1000);
        GpuStream stream = device.CreateStream();
        PinnedMemory pinned = device.AllocatePinned(1000);
        GpuEvent mark = device.CreateEvent();
        GpuKernel kernel = device.Compile(new KernelSource("set.c", "KERNEL(set)(GLOBAL int* x) { x[0] = 1; }"))["set"];
        kernel.Launch(stream, new(1, 1), memory);
        stream.Record(mark);
        stream.Record(mark);
        gone.Dispose();
        Assert.Equal(8, device.LiveHandles); // context, two streams, two blocks, program, kernel, event

        mark.Dispose();
        device.Dispose();
        Assert.Equal(0, device.LiveHandles);
        memory.Dispose(); // late, and again
        memory.Dispose();
        stream.Dispose();
        pinned.Dispose();
        device.Dispose();
        Assert.Equal(0, device.LiveHandles);
        Assert.Throws<ObjectDisposedException>(() => device.Allocate(1));
        Assert.Throws<ObjectDisposedException>(() => stream.Synchronize());
        Assert.Throws<ObjectDisposedException>(() => kernel.Launch(stream, new(1, 1), GpuPointer.Null));
    }

    [OpenClFact]
    public void AFailedCompilationLeavesNothing()
    {
        using OpenClDevice device = OpenClDevice.Open();
        int before = device.LiveHandles;
        Assert.Throws<KernelCompilationException>(() => device.Compile(new KernelSource("bad.c", "KERNEL(bad)(GLOBAL int* x) { x[0] = ; }")));
        Assert.Equal(before, device.LiveHandles);
    }
}
