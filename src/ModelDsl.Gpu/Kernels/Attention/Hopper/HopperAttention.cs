using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// Attention with Hopper's warpgroup products (wgmma), for compute capability 9.0 only: BF16, head sizes 64, 96, 128, 192
/// and 256 forward, 64, 96 and 128 backward, no soft cap.
/// </summary>
/// <remarks>
/// After FlashAttention-3 (Shah et al., 2024). Weights and slopes are rounded to BF16 between products; sums, maxima and
/// exponentials are in fp32. The backward pass is two kernels that sum in a fixed order; the first also writes
/// <see cref="GpuAttentionGradients.Scratch"/>, which the second reads.
/// </remarks>
internal sealed class HopperAttention : AttentionForm
{
    private const string ForwardFile = "attention_hopper_forward.cu";
    private const string BackwardQueriesFile = "attention_hopper_backward_queries.cu";
    private const string BackwardKeysFile = "attention_hopper_backward_keys.cu";

    private const int MaxGroupsYZ = 65535;
    private const int VectorBytes = 16; // per copy to or from on-chip memory
    private const int BarrierBytes = 8;
    private const float Log2E = 1.44269504f;

    private readonly GpuDevice _device;
    private readonly HopperKernel[] _forward, _backwardQueries, _backwardKeys;

    public HopperAttention(GpuDevice device)
    {
        _device = device;
        _forward = [.. HopperTiles.Forward.Select(tiles => new HopperKernel(device, ForwardFile, tiles,
            tiles.TileBytes(tiles.Rows) + 2 * tiles.Stages * tiles.TileBytes(tiles.Tile) + 4 * tiles.Stages * BarrierBytes))];
        _backwardQueries = [.. HopperTiles.BackwardQueries.Select(tiles => new HopperKernel(device, BackwardQueriesFile, tiles,
            Tiles(tiles) + tiles.Rows * sizeof(float) + 2 * tiles.Stages * BarrierBytes))];
        _backwardKeys = [.. HopperTiles.BackwardKeys.Select(tiles => new HopperKernel(device, BackwardKeysFile, tiles,
            Tiles(tiles) + 2 * tiles.Stages * tiles.Tile * sizeof(float) + 2 * tiles.Stages * BarrierBytes))];

        static int Tiles(HopperTiles tiles) => 2 * tiles.TileBytes(tiles.Rows) + 2 * tiles.Stages * tiles.TileBytes(tiles.Tile);
    }

    public override string Name => "wgmma";

    /// <summary>All variants that it compiles.</summary>
    internal static IEnumerable<KernelSource> Variants =>
    [
        .. HopperTiles.Forward.Select(tiles => tiles.Source(ForwardFile)),
        .. HopperTiles.BackwardQueries.Select(tiles => tiles.Source(BackwardQueriesFile)),
        .. HopperTiles.BackwardKeys.Select(tiles => tiles.Source(BackwardKeysFile)),
    ];

    public override bool SupportsForward(in GpuAttentionArguments a) =>
        _device.TakesHopperKernels && Find(_forward, a.HeadSize) is { Fits: true }
        && a.Type == TensorType.BF16 && a.SoftCap == 0 && a.Batch <= MaxGroupsYZ && a.Heads <= MaxGroupsYZ
        && Aligned(a.Query, a.QueryStride) && Aligned(a.Key, a.KeyStride) && Aligned(a.Value, a.ValueStride) && Aligned(a.Output, a.OutputStride);

    public override bool SupportsBackward(in GpuAttentionArguments a, in GpuAttentionGradients g) =>
        SupportsForward(a) && Find(_backwardQueries, a.HeadSize) is { Fits: true } && Find(_backwardKeys, a.HeadSize) is { Fits: true }
        && Aligned(g.Output, g.OutputStride) && Aligned(g.Query, g.QueryStride) && Aligned(g.Key, g.KeyStride) && Aligned(g.Value, g.ValueStride);

    public override void Forward(GpuStream stream, in GpuAttentionArguments a) =>
        Find(_forward, a.HeadSize)!.Launch(
            stream, a.QueryLength, a.Heads, a.Batch,
            a.Query, a.Key, a.Value, a.Output, a.LogSumExp,
            a.QueryLength, a.KeyLength, a.Heads, a.KeyHeads, a.QueryStride, a.KeyStride, a.ValueStride, a.OutputStride,
            ScaleLog2(a), a.Causal ? 1 : 0, a.Window, a.QueryStart);

    public override void Backward(GpuStream stream, in GpuAttentionArguments a, in GpuAttentionGradients g)
    {
        Find(_backwardQueries, a.HeadSize)!.Launch(
            stream, a.QueryLength, a.Heads, a.Batch,
            a.Query, a.Key, a.Value, a.Output, a.LogSumExp, g.Output, g.Query, g.Scratch,
            a.QueryLength, a.KeyLength, a.Heads, a.KeyHeads,
            a.QueryStride, a.KeyStride, a.ValueStride, a.OutputStride, g.OutputStride, g.QueryStride,
            a.Scale, ScaleLog2(a), a.Causal ? 1 : 0, a.Window, a.QueryStart);
        Find(_backwardKeys, a.HeadSize)!.Launch(
            stream, a.KeyLength, a.KeyHeads, a.Batch,
            a.Query, a.Key, a.Value, a.LogSumExp, g.Output, g.Scratch, g.Key, g.Value,
            a.QueryLength, a.KeyLength, a.Heads, a.KeyHeads,
            a.QueryStride, a.KeyStride, a.ValueStride, g.OutputStride, g.KeyStride, g.ValueStride,
            a.Scale, ScaleLog2(a), a.Causal ? 1 : 0, a.Window, a.QueryStart);
    }

    // A masked score is -infinity and must stay so when scaled: a scale of 0 becomes one too small to matter.
    private static float ScaleLog2(in GpuAttentionArguments a) => Math.Max(a.Scale * Log2E, 1e-30f);

    private static HopperKernel? Find(HopperKernel[] kernels, int headSize)
    {
        foreach (var kernel in kernels)
            if (kernel.HeadSize == headSize)
                return kernel;
        return null;
    }

    private static bool Aligned(GpuPointer rows, int stride) => rows.Address % VectorBytes == 0 && stride % (VectorBytes / 2) == 0;
}
