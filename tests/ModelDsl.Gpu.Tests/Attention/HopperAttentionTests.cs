using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Proof;
using ModelDsl.Gpu.Tests.Emulator;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>The Hopper form of attention on the emulated device: when it is used, and with threads in several orders.</summary>
/// <remarks><see cref="CudaKernelChecks"/> checks its results against float64, with all other kernels.</remarks>
[Collection(CudaEmulatorCollection.Name)]
public sealed class HopperAttentionTests
{
    private static readonly GpuAttentionArguments s_arguments = new()
    {
        Query = new(4096), Key = new(4096), Value = new(4096), Output = new(4096), Type = TensorType.BF16,
        Batch = 1, QueryLength = 100, KeyLength = 100, Heads = 2, KeyHeads = 1, HeadSize = 128,
        QueryStride = 256, KeyStride = 128, ValueStride = 128, OutputStride = 256, Scale = 0.1f,
    };

    [EmulatorFact]
    public void IsTakenWhereItFits()
    {
        CudaEmulator.Reset();
        using CudaDevice device = CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder));
        var attention = new GpuAttention(device);
        Assert.Equal("wgmma", attention.ForwardFormName(s_arguments));
        Assert.Equal("wgmma", attention.BackwardFormName(s_arguments, Gradients));
        foreach (GpuAttentionArguments other in (GpuAttentionArguments[])
        [
            s_arguments with { Type = TensorType.F32, QueryStride = 512 },
            s_arguments with { HeadSize = 80 },
            s_arguments with { SoftCap = 30 },
            s_arguments with { Key = new(4096 + 8) },
            s_arguments with { ValueStride = 132 },
        ])
        {
            Assert.NotEqual("wgmma", attention.ForwardFormName(other));
            Assert.NotEqual("wgmma", attention.BackwardFormName(other, Gradients));
        }
        GpuAttentionArguments wide = s_arguments with { HeadSize = 256, QueryStride = 512, KeyStride = 256, ValueStride = 256, OutputStride = 512 };
        Assert.Equal("wgmma", attention.ForwardFormName(wide));
        Assert.NotEqual("wgmma", attention.BackwardFormName(wide, Gradients with { OutputStride = 512, QueryStride = 512, KeyStride = 256, ValueStride = 256 }));
        Assert.NotEqual("wgmma", attention.BackwardFormName(s_arguments, Gradients with { Value = new(4096 + 4) }));
    }

    [EmulatorFact]
    public void IsNotTakenByAnotherArchitecture()
    {
        CudaEmulator.Reset(capability: 80);
        using CudaDevice device = CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder));
        Assert.NotEqual("wgmma", new GpuAttention(device).ForwardFormName(s_arguments));
    }

    // Warpgroups wait for each other only by barriers: the order in which threads run changes nothing.
    [EmulatorTheory]
    [InlineData(64, 1u)]
    [InlineData(64, 2u)]
    [InlineData(96, 3u)]
    [InlineData(128, 4u)]
    public void EveryOrderOfThreadsGivesTheSameBits(int headSize, uint order)
    {
        byte[] first = Results(headSize, 0), other = Results(headSize, order);
        Assert.Contains(first, value => value != 0);
        Assert.Equal(first, other);
    }

    private static GpuAttentionGradients Gradients { get; } = new()
    {
        Output = new(4096), Query = new(4096), Key = new(4096), Value = new(4096), Scratch = new(4096),
        OutputStride = 256, QueryStride = 256, KeyStride = 128, ValueStride = 128,
    };

    // Output and gradients of 300 queries and keys, two heads that share one: each buffer is filled several times.
    private static byte[] Results(int headSize, uint order)
    {
        const int tokens = 300;
        int row = 2 * headSize, keyRow = headSize, bytes = tokens * row * 2, keyBytes = tokens * keyRow * 2;
        CudaEmulator.Reset();
        CudaEmulator.SetSchedule(order);
        using CudaDevice device = CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder));
        GpuStream stream = device.DefaultStream;
        var random = new Random(5);
        using GpuMemory inputs = device.Allocate(2 * bytes + 2 * keyBytes), results = device.Allocate(2 * bytes + 2 * keyBytes);
        using GpuMemory rows = device.Allocate(2 * 2 * tokens * sizeof(float));
        var values = new double[(2 * bytes + 2 * keyBytes) / 2];
        for (int i = 0; i < values.Length; i++)
            values[i] = 2 * random.NextDouble() - 1;
        stream.Upload<byte>(inputs, Elements.Encode(values, TensorType.BF16));

        var arguments = s_arguments with
        {
            Query = inputs,
            Key = inputs.Address + 2 * bytes,
            Value = inputs.Address + 2 * bytes + keyBytes,
            Output = results,
            LogSumExp = rows,
            QueryLength = tokens,
            KeyLength = tokens,
            HeadSize = headSize,
            QueryStride = row,
            KeyStride = keyRow,
            ValueStride = keyRow,
            OutputStride = row,
            Causal = true,
        };
        var gradients = new GpuAttentionGradients
        {
            Output = inputs.Address + bytes, Query = results.Address + bytes, Key = results.Address + 2 * bytes, Value = results.Address + 2 * bytes + keyBytes,
            OutputStride = row, QueryStride = row, KeyStride = keyRow, ValueStride = keyRow, Scratch = rows.Address + 2 * tokens * sizeof(float),
        };
        var form = new HopperAttention(device);
        form.Forward(stream, arguments);
        form.Backward(stream, arguments, gradients);
        var read = new byte[2 * bytes + 2 * keyBytes];
        stream.Download<byte>(read, results);
        return read;
    }
}
