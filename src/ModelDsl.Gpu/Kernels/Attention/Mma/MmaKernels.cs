using System.Globalization;

namespace ModelDsl.Gpu;

/// <summary>The kernels of <see cref="MmaAttention"/>.</summary>
internal enum MmaKernel
{
    Forward,
    /// <summary>The sums of Output * dOutput.</summary>
    Delta,
    KeyAndValueGradient, KeyGradient, ValueGradient,
    QueryGradient,
}

/// <summary>Compiles them, each head size at its first use.</summary>
internal sealed class MmaKernels(GpuDevice device)
{
    // By kernel, eighths of the head size, soft cap. Two concurrent threads get the same kernel from the device.
    private readonly GpuKernel?[,,] _compiled = new GpuKernel?[Enum.GetValues<MmaKernel>().Length, MmaTiles.MaxHeadSize / 8 + 1, 2];

    public GpuKernel this[MmaKernel kernel, int headSize, bool softCap] =>
        _compiled[(int)kernel, headSize / 8, softCap ? 1 : 0] ??= Compile(kernel, headSize, softCap);

    /// <summary>The source and constants of a kernel.</summary>
    public static KernelSource Source(MmaKernel kernel, int headSize, bool softCap)
    {
        var tiles = MmaTiles.For(headSize);
        return kernel switch
        {
            MmaKernel.Delta => KernelSource.Own("attention_mma_delta.cu", ("HEAD_SIZE", Text(headSize))),
            MmaKernel.Forward => Tiled("attention_mma_forward.cu", tiles.Forward, "KEYS"),
            MmaKernel.QueryGradient => Tiled("attention_mma_backward_queries.cu", tiles.Queries, "KEYS"),
            _ => Tiled(
                "attention_mma_backward_keys.cu", tiles.Keys, "QUERIES",
                ("KEY_GRADIENT", Flag(kernel != MmaKernel.ValueGradient)), ("VALUE_GRADIENT", Flag(kernel != MmaKernel.KeyGradient))),
        };

        KernelSource Tiled(string file, MmaTile tile, string stage, params ReadOnlySpan<(string, string)> more) => KernelSource.Own(
            file,
            [
                ("HEAD_SIZE", Text(headSize)), ("SOFT_CAP", Flag(softCap)), ("WARPS", Text(MmaTile.Warps)), ("BLOCKS", Text(tile.Blocks)),
                (stage, Text(tile.Stage)), ("STEP", Text(tile.Step)), ("HELD", Flag(tile.Held)), ("RESIDENT", Text(tile.Resident)), .. more,
            ]);
    }

    private GpuKernel Compile(MmaKernel kernel, int headSize, bool softCap)
    {
        var source = Source(kernel, headSize, softCap);
        return device.Compile(source)[Path.GetFileNameWithoutExtension(source.Name)];
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Flag(bool value) => value ? "1" : "0";
}
