using ModelDsl.Gpu.OpenCl;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>Order within a stream and between two, copies, events, and launches from several threads.</summary>
public sealed class OpenClStreamTests
{
    private const int Count = 10_000;

    private static readonly KernelSource Source = new("steps.c", """
        KERNEL(add)(GLOBAL int* x, int value, int64 n)
        {
            if (ELEMENT < n)
                x[ELEMENT] += value;
        }
        KERNEL(set)(GLOBAL int* x, int place, int value, GLOBAL const int* offset)
        {
            x[place] = value + (offset ? offset[0] : 0);
        }
        """);

    [OpenClFact]
    public void AStreamWaitsForAnEventOfAnother()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuStream writer = device.CreateStream(), reader = device.CreateStream();
        using GpuMemory x = device.Allocate(Count * 4), y = device.Allocate(Count * 4);
        using GpuEvent mark = device.CreateEvent();
        GpuKernel add = device.Compile(Source)["add"];
        reader.Wait(mark); // not recorded yet: nothing to wait for
        for (int i = 1; i <= 50; i++)
            add.Launch(writer, KernelGrid.Elements(Count), x, i, (long)Count);
        writer.Record(mark);
        reader.Wait(mark);
        reader.Copy(y, x, Count * 4);
        int[] result = new int[Count];
        reader.Download<int>(result, y);
        Assert.All(result, value => Assert.Equal(50 * 51 / 2, value));
    }

    [OpenClFact]
    public void TimeBetweenEventsIsTheDevices()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(Count * 4);
        using GpuEvent before = device.CreateEvent(), after = device.CreateEvent();
        GpuStream stream = device.DefaultStream;
        stream.Record(before);
        device.Compile(Source)["add"].Launch(stream, KernelGrid.Elements(Count), x, 1, (long)Count);
        stream.Record(after);
        after.Synchronize();
        Assert.True(after.Since(before) > TimeSpan.Zero);
        Assert.Equal(after.Since(before), -before.Since(after));
        Assert.Throws<InvalidOperationException>(() => after.Since(device.CreateEvent()));
    }

    [OpenClFact]
    public unsafe void PinnedMemoryIsCopiedLaterOtherMemoryAtOnce()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using PinnedMemory pinned = device.AllocatePinned(Count * 4);
        using GpuMemory x = device.Allocate(Count * 4);
        GpuStream stream = device.DefaultStream;
        pinned.AsSpan<int>().Fill(3);
        stream.Upload(x, pinned.Pointer, Count * 4);
        device.Compile(Source)["add"].Launch(stream, KernelGrid.Elements(Count), x, 4, (long)Count);
        stream.Download(pinned.Pointer, x, Count * 4);
        stream.Synchronize();
        Assert.Equal(-1, pinned.AsSpan<int>().IndexOfAnyExcept(7));

        int[] values = new int[Count];
        fixed (int* pointer = values)
            stream.Upload(x, pointer, Count * 4);
        values.AsSpan().Fill(-1); // x has its copy
        stream.Download<int>(values, x);
        Assert.Equal(-1, values.AsSpan().IndexOfAnyExcept(0));
    }

    [OpenClFact]
    public void FillsSetEveryByteAndNoOther()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(64);
        device.DefaultStream.Fill(x.Address + 16, 1, 32); // by patterns
        device.DefaultStream.Fill(x.Address + 49, 2, 7);
        device.DefaultStream.Fill(x.Address + 60, 3, 0);
        byte[] bytes = new byte[64];
        x.Read(0, bytes);
        Assert.Equal([.. new byte[16], .. Enumerable.Repeat((byte)1, 32), 0, .. Enumerable.Repeat((byte)2, 7), .. new byte[8]], bytes);
    }

    [OpenClFact]
    public void ALaunchAllocatesNothing()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(Count * 4);
        GpuStream stream = device.DefaultStream;
        GpuKernel add = device.Compile(Source)["add"];
        Launch();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Launch();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Launch() => add.Launch(stream, new(4, 64), x, 1, (long)Count);
    }

    [OpenClFact]
    public void ARepeatedMatrixProductAllocatesNothing()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory a = device.Allocate(64 * 64 * 4), b = device.Allocate(64 * 64 * 4), d = device.Allocate(64 * 64 * 4), bias = device.Allocate(64 * 4);
        var arguments = new MatMulArguments
        {
            M = 64, N = 64, K = 64, A = new(a, TensorType.F32, 64, true), B = new(b, TensorType.F32, 64), D = new(d, TensorType.F32, 64),
            Epilogue = MatMulEpilogue.BiasGradientOfA, Bias = bias,
        };
        device.MatMul(device.DefaultStream, arguments); // compiles
        device.MatMul(device.DefaultStream, arguments); // finds the compiled kernel for the first time
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            device.MatMul(device.DefaultStream, arguments);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [OpenClFact]
    public void ThreadsLaunchOneKernelWithTheirOwnArguments()
    {
        const int Threads = 4, Launches = 200;
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(Threads * Launches * 4), offset = device.Allocate(4);
        offset.Write(0, BitConverter.GetBytes(1_000_000));
        GpuKernel set = device.Compile(Source)["set"];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            using GpuStream stream = device.CreateStream();
            for (int i = 0; i < Launches; i++)
                set.Launch(stream, new(1, 1), x, thread * Launches + i, thread * Launches + i, thread % 2 == 0 ? GpuPointer.Null : offset.Address);
            stream.Synchronize();
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        int[] values = new int[Threads * Launches];
        device.DefaultStream.Download<int>(values, x);
        Assert.Equal([.. Enumerable.Range(0, values.Length).Select(i => i + (i / Launches % 2 == 0 ? 0 : 1_000_000))], values);
    }
}
