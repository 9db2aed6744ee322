using System.Collections.Concurrent;
using System.Globalization;

namespace ModelDsl.Gpu.Kernels;

/// <summary>The kernels of <see cref="MmaAttention"/>.</summary>
internal enum MmaKernel
{
    Forward,
    /// <summary>The sums of Output * dOutput.</summary>
    Delta,
    KeyAndValueGradient, KeyGradient, ValueGradient,
    QueryGradient,
}

/// <summary>Compiles them, each head size when it is first asked for.</summary>
internal sealed class MmaKernels(GpuDevice device)
{
    private readonly ConcurrentDictionary<(MmaKernel Kernel, int HeadSize, bool SoftCap), GpuKernel> _compiled = new();

    public GpuKernel this[MmaKernel kernel, int headSize, bool softCap] =>
        _compiled.TryGetValue((kernel, headSize, softCap), out var compiled) ? compiled
            : _compiled.GetOrAdd((kernel, headSize, softCap), Compile(kernel, headSize, softCap));

    /// <summary>The source and constants of a kernel.</summary>
    public static KernelSource Source(MmaKernel kernel, int headSize, bool softCap)
    {
        var tiles = MmaTiles.For(headSize);
        return kernel switch
        {
            MmaKernel.Delta => KernelSource.Own("attention_mma_delta.cu", ("HEAD_SIZE", Text(headSize))),
            MmaKernel.Forward => Own("attention_mma_forward.cu", tiles.Forward.Blocks, ("KEYS", Text(tiles.Forward.Keys))),
            MmaKernel.QueryGradient => Own(
                "attention_mma_backward_queries.cu", tiles.Queries.Blocks, ("KEYS", Text(tiles.Queries.Keys)), ("STEP", Text(tiles.Queries.Step))),
            _ => Own(
                "attention_mma_backward_keys.cu", tiles.Keys.Blocks, ("QUERIES", Text(tiles.Keys.Queries)), ("STEP", Text(tiles.Keys.Step)),
                ("KEY_GRADIENT", Flag(kernel != MmaKernel.ValueGradient)), ("VALUE_GRADIENT", Flag(kernel != MmaKernel.KeyGradient))),
        };

        KernelSource Own(string file, int blocks, params ReadOnlySpan<(string, string)> constants) => KernelSource.Own(
            file,
            [("HEAD_SIZE", Text(headSize)), ("WARPS", Text(MmaTiles.Warps)), ("BLOCKS", Text(blocks)), ("SOFT_CAP", Flag(softCap)), .. constants]);
    }

    private GpuKernel Compile(MmaKernel kernel, int headSize, bool softCap)
    {
        var source = Source(kernel, headSize, softCap);
        return device.Compile(source)[Path.GetFileNameWithoutExtension(source.Name)];
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Flag(bool value) => value ? "1" : "0";
}
