using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// Attention on the tensor cores of NVIDIA's GPUs since sm_80, by <c>mma.sync</c> (FlashAttention-2: Dao, 2023): BF16,
/// sums in fp32; the weights, and the gradients of scores, are rounded to BF16 as operands of products.
/// </summary>
/// <remarks>
/// Heads of a multiple of 8 up to 256 elements; sizes between 32, 64, 96, 128, 192 and 256 cost as much as the next of
/// these. The backward pass has three kernels and no atomic sums: the sums of Output * dOutput; the gradients of keys and
/// values, one group per tile of keys; the gradient of queries, one group per tile of queries. Both recompute the scores.
/// </remarks>
internal sealed class MmaAttention(GpuDevice device) : AttentionForm
{
    // With these, positions and distances between them fit in 32 bits.
    private const int MaxLength = 1 << 28, Unlimited = 1 << 30;

    // The data shared by the heads that are processed at the same time fills half of the second-level cache of a large GPU
    // (A100 40 MB, H200 50 MB).
    private const long CacheBytes = 24L << 20;

    private const int Threads = MmaTile.Warps * 32, DeltaThreads = 256, DeltaLanes = 8;
    private const double Log2E = 1.4426950408889634;

    private readonly MmaKernels _kernels = new(device);

    // Soft caps at the head sizes of Gemma 2.
    internal static IEnumerable<KernelSource> Variants =>
        from headSize in (int[])[64, 96, 128, 192, 256]
        from softCap in headSize is 128 or 256 ? (bool[])[false, true] : [false]
        from kernel in Enum.GetValues<MmaKernel>()
        where kernel switch
        {
            MmaKernel.Delta => !softCap,
            MmaKernel.KeyAndValueGradient => !MmaTiles.For(headSize).SeparateKeys,
            MmaKernel.KeyGradient or MmaKernel.ValueGradient => MmaTiles.For(headSize).SeparateKeys,
            _ => true,
        }
        select MmaKernels.Source(kernel, headSize, softCap);

    public override string Name => "mma.sync";

    public override bool SupportsForward(in GpuAttentionArguments a) =>
        Supports(a) && MmaTiles.For(a.HeadSize).ForwardBytes(a.HeadSize) <= device.MaxLocalMemory;

    public override bool SupportsBackward(in GpuAttentionArguments a, in GpuAttentionGradients g) =>
        Supports(a)
        && MmaTiles.For(a.HeadSize) is var tiles && tiles.KeysBytes(a.HeadSize) <= device.MaxLocalMemory
        && tiles.QueriesBytes(a.HeadSize) <= device.MaxLocalMemory
        && Aligned(g.Output, g.OutputStride) && Aligned(g.Query, g.QueryStride)
        && Aligned(g.Key, g.KeyStride) && Aligned(g.Value, g.ValueStride);

    public override void Forward(GpuStream stream, in GpuAttentionArguments a)
    {
        var tiles = MmaTiles.For(a.HeadSize);
        var (start, left, right) = Visible(a);
        _kernels[MmaKernel.Forward, a.HeadSize, a.SoftCap > 0].Launch(
            stream, Grid(a.QueryLength, tiles.Forward.Rows, a.Batch * a.Heads, tiles.ForwardBytes(a.HeadSize)),
            a.Query, a.Key, a.Value, a.Output, a.LogSumExp,
            a.QueryLength, a.KeyLength, a.Heads, a.KeyHeads, a.QueryStride, a.KeyStride, a.ValueStride, a.OutputStride,
            start, left, right, QueryHeadsTogether(a), ExponentScale(a), CapScale(a));
    }

    public override void Backward(GpuStream stream, in GpuAttentionArguments a, in GpuAttentionGradients g)
    {
        int rows = a.Batch * a.QueryLength * a.Heads;
        _kernels[MmaKernel.Delta, a.HeadSize, false].Launch(
            stream, KernelGrid.Elements((long)rows * DeltaLanes, DeltaThreads),
            a.Output, g.Output, g.Scratch, a.QueryLength, a.Heads, a.OutputStride, g.OutputStride, rows);
        if (MmaTiles.For(a.HeadSize).SeparateKeys)
        {
            LaunchKeys(MmaKernel.KeyGradient, stream, a, g);
            LaunchKeys(MmaKernel.ValueGradient, stream, a, g);
        }
        else
        {
            LaunchKeys(MmaKernel.KeyAndValueGradient, stream, a, g);
        }
        LaunchQueries(stream, a, g);
    }

    private void LaunchKeys(MmaKernel kernel, GpuStream stream, in GpuAttentionArguments a, in GpuAttentionGradients g)
    {
        var tiles = MmaTiles.For(a.HeadSize);
        var (start, left, right) = Visible(a);
        _kernels[kernel, a.HeadSize, a.SoftCap > 0].Launch(
            stream, Grid(a.KeyLength, tiles.Keys.Rows, a.Batch * a.KeyHeads, tiles.KeysBytes(a.HeadSize)),
            a.Query, a.Key, a.Value, g.Output, a.LogSumExp, g.Scratch, g.Key, g.Value,
            a.QueryLength, a.KeyLength, a.Heads, a.KeyHeads, a.QueryStride, a.KeyStride, a.ValueStride,
            g.OutputStride, g.KeyStride, g.ValueStride,
            start, left, right, Together(a, (long)a.QueryLength * (a.Heads / a.KeyHeads)), ExponentScale(a), CapScale(a), a.Scale);
    }

    private void LaunchQueries(GpuStream stream, in GpuAttentionArguments a, in GpuAttentionGradients g)
    {
        var tiles = MmaTiles.For(a.HeadSize);
        var (start, left, right) = Visible(a);
        _kernels[MmaKernel.QueryGradient, a.HeadSize, a.SoftCap > 0].Launch(
            stream, Grid(a.QueryLength, tiles.Queries.Rows, a.Batch * a.Heads, tiles.QueriesBytes(a.HeadSize)),
            a.Query, a.Key, a.Value, g.Output, a.LogSumExp, g.Scratch, g.Query,
            a.QueryLength, a.KeyLength, a.Heads, a.KeyHeads, a.QueryStride, a.KeyStride, a.ValueStride,
            g.OutputStride, g.QueryStride,
            start, left, right, QueryHeadsTogether(a), ExponentScale(a), CapScale(a), a.Scale);
    }

    private bool Supports(in GpuAttentionArguments a) =>
        device.ComputeCapability >= 80 && a.Type == TensorType.BF16 && a.HeadSize % 8 == 0 && a.HeadSize <= MmaTiles.MaxHeadSize
        && a.Scale > 0 // the maximum of the products is that of the scores, and -infinity stays -infinity
        && Math.Max(a.QueryLength, a.KeyLength) <= MaxLength && Math.Abs((long)a.QueryStart) <= MaxLength
        && (long)a.Batch * Math.Max(a.QueryLength, a.KeyLength) * a.Heads <= int.MaxValue // rows are counted in 32 bits
        && Aligned(a.Query, a.QueryStride) && Aligned(a.Key, a.KeyStride)
        && Aligned(a.Value, a.ValueStride) && Aligned(a.Output, a.OutputStride);

    // Rows begin at multiples of 16 bytes.
    private static bool Aligned(GpuPointer rows, int stride) => rows.Address % 16 == 0 && stride % 8 == 0;

    private static KernelGrid Grid(int length, int rows, int heads, int localBytes) =>
        new(checked((length + rows - 1) / rows * heads), Threads, LocalBytes: localBytes);

    // A query at position p, the first at start, sees the keys from p - left to p + right.
    private static (int Start, int Left, int Right) Visible(in GpuAttentionArguments a) =>
        a.Causal ? (a.QueryStart, a.Window > 0 ? Math.Min(a.Window - 1, Unlimited) : Unlimited, 0) : (0, Unlimited, Unlimited);

    private static int QueryHeadsTogether(in GpuAttentionArguments a) => Together(a, a.KeyLength) * (a.Heads / a.KeyHeads);

    // How many heads, each with two operands of so many tokens, are processed at the same time.
    private static int Together(in GpuAttentionArguments a, long tokens) =>
        (int)Math.Clamp(CacheBytes / (tokens * a.HeadSize * 2 * sizeof(ushort)), 1, a.Batch * a.KeyHeads);

    // The factor that turns a score, as attention_mma.h holds it, into an exponent of 2.
    private static float ExponentScale(in GpuAttentionArguments a) => (float)((a.SoftCap > 0 ? a.SoftCap : a.Scale) * Log2E);

    // tanh(x) is computed of e^2x.
    private static float CapScale(in GpuAttentionArguments a) => a.SoftCap > 0 ? (float)(2 * Log2E * a.Scale / a.SoftCap) : 0;
}
