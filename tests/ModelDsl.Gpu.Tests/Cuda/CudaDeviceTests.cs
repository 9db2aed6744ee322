using System.Runtime.InteropServices;
using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Tests.Emulator;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>A CUDA device: its properties, memory, streams and events.</summary>
public sealed unsafe class CudaDeviceTests : EmulatedDevice
{
    [EmulatorFact]
    public void ItSaysWhatTheDriverSays()
    {
        Assert.Equal("cuda:0", Device.Id);
        Assert.NotEmpty(Device.Name);
        Assert.Equal(90, Device.ComputeCapability);
        Assert.True(Device.TakesHopperKernels);
        Assert.Equal(64L << 20, Device.TotalMemory);
        Assert.Equal(1024, Device.MaxGroupSize);
        Assert.True(Device.Multiprocessors > 0);
        Assert.True(Device.MaxLocalMemory > 48 << 10);

        DeviceInfo listed = Assert.Single(CudaPlatform.List(CudaLibraries.In(CudaEmulator.Folder)).Devices);
        Assert.Equal(new("cuda:0", "CUDA", Device.Name, Device.TotalMemory, "9.0"), listed);
    }

    [EmulatorFact]
    public void ANumberThatNoGpuHasIsAnErrorWithThoseThatAreThere()
    {
        CudaEmulator.Reset();
        string message = Assert.Throws<GpuException>(() => CudaDevice.Open(3, CudaLibraries.In(CudaEmulator.Folder))).Message;
        Assert.Matches(@"^There is no cuda:3; there is cuda:0 \(.+\)\.$", message);
    }

    [EmulatorFact]
    public void MemoryIsZeroAndKeepsWhatIsWritten()
    {
        using GpuMemory memory = Device.Allocate(1000, "test");
        byte[] back = new byte[1000];
        memory.Read(0, back);
        Assert.Equal(new byte[1000], back);

        memory.Write(400, "written"u8);
        memory.Read(0, back);
        Assert.Equal("written"u8, back.AsSpan(400, 7));
        Assert.Equal(7, back.Count(value => value != 0));
        Assert.Equal(("test", 1000L), (memory.Purpose, memory.Bytes));

        string message = Assert.Throws<ArgumentOutOfRangeException>(() => memory.Write(996, "written"u8)).Message;
        Assert.Contains("7 bytes at 996 are beyond the 1000 bytes of test", message);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Read(-1, back));
        Assert.Throws<ArgumentOutOfRangeException>(() => Device.Allocate(-1));
    }

    [EmulatorFact]
    public void StreamsCopyAndFill()
    {
        using GpuStream stream = Device.CreateStream();
        using GpuMemory first = Device.Allocate(4096), second = Device.Allocate(4096);
        using PinnedMemory pinned = Device.AllocatePinned(4096);
        Span<int> values = pinned.AsSpan<int>();
        for (int i = 0; i < values.Length; i++)
            values[i] = i * 3;
        stream.Upload(first, pinned.Pointer, 4096);
        stream.Copy(second, first, 4096);
        stream.Fill(second.Address + 8, 0xff, 4);
        stream.Synchronize();
        int[] back = new int[1024];
        stream.Download<int>(back, second);
        Assert.Equal(Enumerable.Range(0, 1024).Select(i => i == 2 ? -1 : i * 3), back);
    }

    [EmulatorFact]
    public void OneStreamWaitsForAnEventOfAnother()
    {
        using GpuStream first = Device.CreateStream(), second = Device.CreateStream();
        using GpuEvent begin = Device.CreateEvent(), mark = Device.CreateEvent();
        using GpuMemory memory = Device.Allocate(256);
        first.Record(begin);
        first.Fill(memory, 1, 256);
        first.Record(mark);
        second.Wait(mark);
        second.Fill(memory, 2, 128);
        second.Synchronize();
        byte[] back = new byte[256];
        memory.Read(0, back);
        Assert.Equal([.. Enumerable.Repeat((byte)2, 128), .. Enumerable.Repeat((byte)1, 128)], back);
        Assert.True(mark.Since(begin) >= TimeSpan.Zero);
    }

    [EmulatorFact]
    public void EveryThreadMayUseIt()
    {
        GpuDevice device = Device;
        Parallel.For(0, 8, i =>
        {
            using GpuMemory memory = device.Allocate(1024);
            memory.Write(0, MemoryMarshal.AsBytes((ReadOnlySpan<int>)[i]));
            int[] back = new int[1];
            memory.Read(0, MemoryMarshal.AsBytes(back.AsSpan()));
            Assert.Equal(i, back[0]);
        });
    }

    [EmulatorFact]
    public void DisposingItFreesWhatIsLeft()
    {
        CudaDevice device = Open();
        _ = device.Allocate(1000);
        _ = device.AllocatePinned(1000);
        _ = device.CreateEvent();
        CudaStream stream = device.CreateStream();
        GpuMemory memory = device.Allocate(1 << 20);
        _ = stream.Capture(() => stream.Fill(memory, 1, 16));
        _ = device.Compile(new("test.c", "KERNEL(nothing)(int n) { }"));
        memory.Dispose();
        device.Dispose();
        AssertNothingIsLeft();
        device.Dispose();
        memory.Dispose();
        stream.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Allocate(1));
    }

    [EmulatorFact]
    public void HandlesAreCounted()
    {
        CudaHandles handles = Device.Context.Handles;
        int streams = handles.Of(CudaHandleKind.Stream).Length;
        GpuStream stream = Device.CreateStream();
        GpuMemory memory = Device.Allocate(1);
        Assert.Equal((streams + 1, 1), (handles.Of(CudaHandleKind.Stream).Length, handles.Of(CudaHandleKind.Memory).Length));
        stream.Dispose();
        memory.Dispose();
        Assert.Equal((streams, 0), (handles.Of(CudaHandleKind.Stream).Length, handles.Of(CudaHandleKind.Memory).Length));
    }
}
