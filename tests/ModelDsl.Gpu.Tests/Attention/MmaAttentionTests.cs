using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Proof;
using ModelDsl.Gpu.Tests.Emulator;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>The mma.sync form of attention: when it is used, that its tiles fit, and that the order of threads changes nothing.</summary>
/// <remarks><see cref="CudaKernelChecks"/> checks its results against float64, with all other kernels.</remarks>
[Collection(CudaEmulatorCollection.Name)]
public sealed class MmaAttentionTests
{
    private const int Heads = 2, Tokens = 150;

    private static readonly GpuAttentionArguments s_arguments = new()
    {
        Query = new(4096), Key = new(4096), Value = new(4096), Output = new(4096), LogSumExp = new(4096), Type = TensorType.BF16,
        Batch = 1, QueryLength = 100, KeyLength = 100, Heads = 2, KeyHeads = 1, HeadSize = 64,
        QueryStride = 256, KeyStride = 256, ValueStride = 256, OutputStride = 256, Scale = 0.1f, Causal = true,
    };

    private static readonly GpuAttentionGradients s_gradients = new()
    {
        Output = new(4096), Query = new(4096), Key = new(4096), Value = new(4096), Scratch = new(4096),
        OutputStride = 256, QueryStride = 256, KeyStride = 256, ValueStride = 256,
    };

    [EmulatorFact]
    public void IsTakenWhereItFits()
    {
        using CudaDevice device = Open(80);
        var attention = new GpuAttention(device);
        foreach (GpuAttentionArguments fitting in (GpuAttentionArguments[])
            [s_arguments, s_arguments with { HeadSize = 72 }, s_arguments with { SoftCap = 30 }, s_arguments with { Causal = false }])
        {
            Assert.Equal("mma.sync", attention.ForwardFormName(fitting));
            Assert.Equal("mma.sync", attention.BackwardFormName(fitting, s_gradients));
        }
        foreach (GpuAttentionArguments other in (GpuAttentionArguments[])
        [
            s_arguments with { Type = TensorType.F32 },
            s_arguments with { HeadSize = 60 },
            s_arguments with { Scale = 0 },
            s_arguments with { Key = new(4096 + 8) },
            s_arguments with { ValueStride = 132 },
            s_arguments with { Batch = 1 << 28 },
        ])
        {
            Assert.Equal("portable", attention.ForwardFormName(other));
            Assert.Equal("portable", attention.BackwardFormName(other, s_gradients));
        }
        Assert.Equal("portable", attention.BackwardFormName(s_arguments, s_gradients with { Value = new(4096 + 4) }));
        Assert.Equal("portable", attention.BackwardFormName(s_arguments, s_gradients with { KeyStride = 260 }));
    }

    [Fact]
    public void TilesFitTwoGroupsOfHopperAndOneOfEveryGpu()
    {
        const int alignment = 1024, system = 1024; // of tiles, and the part of a group's memory that CUDA reserves
        for (int headSize = 8; headSize <= MmaTiles.MaxHeadSize; headSize += 8)
        {
            var tiles = MmaTiles.For(headSize);
            int most = Math.Max(tiles.ForwardBytes(headSize), Math.Max(tiles.KeysBytes(headSize), tiles.QueriesBytes(headSize))) + alignment;
            Assert.InRange(most, 1, 99 << 10);
            Assert.InRange(2 * (most + system), 1, 228 << 10);
            foreach (MmaTile tile in (MmaTile[])[tiles.Forward, tiles.Keys, tiles.Queries])
                Assert.Equal((0, 0), (tile.Stage % tile.Step, tile.Step % 16));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => MmaTiles.For(264));
    }

    // Warps wait for each other only at barriers.
    [EmulatorTheory]
    [InlineData(1u, 64)]
    [InlineData(2u, 64)]
    [InlineData(3u, 128)]
    [InlineData(4u, 192)]
    public void EveryOrderOfThreadsGivesTheSameBits(uint order, int headSize)
    {
        byte[] first = Results(0, headSize), other = Results(order, headSize);
        Assert.Contains(first, value => value != 0);
        Assert.Equal(first, other);
    }

    [EmulatorFact]
    public void LaunchesAllocateNothing()
    {
        using CudaDevice device = Open(80);
        using GpuMemory memory = device.Allocate(1 << 20, "test");
        var attention = new GpuAttention(device);
        var arguments = s_arguments with { Query = memory, Key = memory, Value = memory, Output = memory.Address + (1 << 19), LogSumExp = memory.Address + (1 << 18), QueryLength = 8, KeyLength = 8 };
        var gradients = s_gradients with
        {
            Output = memory,
            Query = memory.Address + (1 << 19),
            Key = memory.Address + (5 << 17),
            Value = memory.Address + (6 << 17),
            Scratch = memory.Address + (7 << 17),
        };
        long allocated = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            attention.Forward(device.DefaultStream, arguments);
            attention.Backward(device.DefaultStream, arguments, gradients);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        device.DefaultStream.Synchronize();
        Assert.Equal(0, allocated);
    }

    private static CudaDevice Open(int capability, uint order = 0)
    {
        CudaEmulator.Reset(capability);
        CudaEmulator.SetSchedule(order);
        return CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder));
    }

    // Output and gradients of queries, keys and values, all [Tokens, Heads, headSize], causal.
    private static byte[] Results(uint order, int headSize)
    {
        int stride = Heads * headSize, bytes = Tokens * stride * 2, sums = Heads * Tokens * sizeof(float);
        using CudaDevice device = Open(80, order);
        GpuStream stream = device.DefaultStream;
        using GpuMemory inputs = device.Allocate(4 * bytes), results = device.Allocate(4 * bytes), rows = device.Allocate(2 * sums);
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 2 * bytes).Select(_ => 2 * random.NextDouble() - 1)];
        stream.Upload<byte>(inputs, Elements.Encode(values, TensorType.BF16));

        var arguments = s_arguments with
        {
            Query = inputs,
            Key = inputs.Address + bytes,
            Value = inputs.Address + 2 * bytes,
            Output = results,
            LogSumExp = rows,
            QueryLength = Tokens,
            KeyLength = Tokens,
            Heads = Heads,
            KeyHeads = Heads,
            HeadSize = headSize,
            QueryStride = stride,
            KeyStride = stride,
            ValueStride = stride,
            OutputStride = stride,
        };
        var gradients = new GpuAttentionGradients
        {
            Output = inputs.Address + 3 * bytes, Query = results.Address + bytes, Key = results.Address + 2 * bytes, Value = results.Address + 3 * bytes,
            OutputStride = stride, QueryStride = stride, KeyStride = stride, ValueStride = stride, Scratch = rows.Address + sums,
        };
        var form = new MmaAttention(device);
        form.Forward(stream, arguments);
        form.Backward(stream, arguments, gradients);
        var read = new byte[4 * bytes];
        stream.Download<byte>(read, results);
        return read;
    }
}
