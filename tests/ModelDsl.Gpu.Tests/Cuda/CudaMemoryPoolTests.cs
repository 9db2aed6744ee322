using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Tests.Emulator;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>The pool: blocks are reused after the work that used them, and freed when memory runs out.</summary>
public sealed class CudaMemoryPoolTests : EmulatedDevice
{
    [Theory]
    [InlineData(0, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 640)]
    [InlineData(1024, 1024)]
    [InlineData(1025, 1280)]
    [InlineData(8 << 20, 8 << 20)]
    [InlineData((8 << 20) + 1, 10 << 20)]
    [InlineData(6_000_000_000, 6_000_000_000 / (2 << 20) * (2 << 20) + (2 << 20))]
    public void BlocksHaveAFewSizes(long bytes, long block) => Assert.Equal(block, CudaMemoryPool.BlockSize(bytes));

    [Fact]
    public void AtMostAFifthOfABlockIsUnused()
    {
        for (long bytes = 513; bytes < 1L << 34; bytes += bytes / 37)
            Assert.InRange(CudaMemoryPool.BlockSize(bytes) - bytes, 0, CudaMemoryPool.BlockSize(bytes) / 5);
    }

    [EmulatorFact]
    public void ABlockServesTheNextRequestOfItsSizeAndIsZeroAgain()
    {
        GpuMemory memory = Device.Allocate(10_000);
        GpuPointer address = memory.Address;
        Device.DefaultStream.Fill(address, 0xff, 10_000);
        memory.Dispose();
        memory.Dispose(); // once is enough
        Assert.Equal(CudaMemoryPool.BlockSize(10_000), Device.Pool.Cached);
        long calls = CudaEmulator.Calls("cuMemAlloc_v2");

        using GpuMemory next = Device.Allocate(9_999), other = Device.Allocate(9_999);

        Assert.Equal(address, next.Address);
        Assert.NotEqual(address, other.Address);
        Assert.Equal(calls + 1, CudaEmulator.Calls("cuMemAlloc_v2"));
        Assert.Equal(0, Device.Pool.Cached);
        byte[] back = new byte[9_999];
        next.Read(0, back);
        Assert.Equal(new byte[9_999], back);
    }

    [EmulatorFact]
    public void ABlockIsHandedOutBehindTheWorkThatStillUsesIt()
    {
        using GpuStream stream = Device.CreateStream();
        using GpuMemory kept = Device.Allocate(256);
        GpuMemory used = Device.Allocate(4096);
        GpuPointer address = used.Address;
        stream.Fill(used, 7, 4096); // the emulator does this only when something waits for it
        stream.Copy(kept, used, 256);
        used.Dispose();

        using GpuMemory next = Device.Allocate(4096);

        Assert.Equal(address, next.Address);
        stream.Synchronize();
        byte[] back = new byte[4096];
        next.Read(0, back);
        Assert.Equal(new byte[4096], back); // zeroed after the stream had filled it
        kept.Read(0, back.AsSpan(0, 256));
        Assert.All(back[..256], value => Assert.Equal(7, value));
    }

    [EmulatorFact]
    public void WhatIsKeptIsGivenUpBeforeMemoryRunsOut()
    {
        GpuMemory first = Device.Allocate(40 << 20);
        first.Dispose();
        using GpuMemory second = Device.Allocate(50 << 20); // of 64 MiB
        Assert.Equal(0, Device.Pool.Cached);
        Assert.Equal(1, CudaEmulator.Calls("cuMemFree_v2"));
    }

    [EmulatorFact]
    public void WhatIsKeptIsGivenUpForAModuleThatDoesNotFit()
    {
        Device.Allocate(40 << 20).Dispose();
        CudaEmulator.Fail("cuModuleLoadData", 2);
        Assert.NotNull(Kernel("KERNEL(nothing)(int n) { }"));
        Assert.Equal(0, Device.Pool.Cached);
        Assert.Equal(2, CudaEmulator.Calls("cuModuleLoadData"));
    }

    [EmulatorFact]
    public void MemoryThatRunsOutSaysWhoHoldsIt()
    {
        using GpuMemory weights = Device.Allocate(32 << 20, "weights"), one = Device.Allocate(6 << 20, "scratch"), two = Device.Allocate(6 << 20, "scratch");
        string message = Assert.Throws<InsufficientDeviceMemoryException>(() => Device.Allocate(24 << 20, "gradients")).Message;
        Assert.Matches(@"^cuda:0 \(.+\) has no 24 MiB for gradients: 20 MiB of 64 MiB are free\. Held: weights 32 MiB, scratch 12 MiB in 2 blocks\.$", message);
        using GpuMemory fits = Device.Allocate(20 << 20); // and the device still works
    }
}
