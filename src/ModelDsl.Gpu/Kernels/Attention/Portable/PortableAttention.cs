using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// Attention in the portable dialect: tiles of 64 queries and 64 keys, fp32 multiply-adds, on every device. Accepts every head
/// size up to 256 and every alignment; a variant is compiled for each head size that is used.
/// </summary>
internal sealed class PortableAttention(GpuDevice device) : AttentionForm
{
    // As in attention_tile.h.
    private const int Side = 64, GroupSize = 256, RowsOfDelta = 16, MaxHeadSize = 256;

    // Beyond every position: a window this long has no effect.
    private const int LongestWindow = 1 << 30;

    // By variant, see Place.
    private readonly GpuKernel?[] _forward = new GpuKernel?[4 * (MaxHeadSize + 1)];
    private readonly BackwardKernels?[] _backward = new BackwardKernels?[4 * (MaxHeadSize + 1)];

    internal static IEnumerable<KernelSource> Variants =>
        from file in new[] { "attention.c", "attention_backward.c" }
        from variant in new[]
        {
            (64, TensorType.F32, false), (80, TensorType.F32, true), (128, TensorType.F32, false), (128, TensorType.BF16, true), (256, TensorType.BF16, false),
        }
        select Source(file, variant);

    public override string Name => "portable";

    public override bool SupportsForward(in GpuAttentionArguments arguments) => true;

    public override bool SupportsBackward(in GpuAttentionArguments arguments, in GpuAttentionGradients gradients) => true;

    public override void Forward(GpuStream stream, in GpuAttentionArguments a)
    {
        GpuKernel kernel = _forward[Place(a)] ??= device.Compile(Source("attention.c", Variant(a)))["attention_forward"];
        kernel.Launch(
            stream, Tiles(a.QueryLength, a.Batch, a.Heads), a.Query, a.Key, a.Value, a.Output, a.LogSumExp, a.Batch, a.QueryLength,
            a.KeyLength, a.Heads, a.Heads / a.KeyHeads, a.QueryStride, a.KeyStride, a.ValueStride, a.OutputStride, a.Scale,
            a.Causal ? 1 : 0, Window(a), a.SoftCap, a.QueryStart);
    }

    public override void Backward(GpuStream stream, in GpuAttentionArguments a, in GpuAttentionGradients g)
    {
        BackwardKernels kernels = _backward[Place(a)] ??= new(device.Compile(Source("attention_backward.c", Variant(a))));
        int causal = a.Causal ? 1 : 0, window = Window(a), group = a.Heads / a.KeyHeads;
        if (a.QueryLength > 0)
        {
            kernels.Delta.Launch(
                stream, new KernelGrid(checked((int)(((long)a.Batch * a.QueryLength * a.Heads + RowsOfDelta - 1) / RowsOfDelta)), GroupSize),
                a.Output, a.OutputStride, g.Output, g.OutputStride, g.Scratch, a.Batch, a.QueryLength, a.Heads);
            kernels.Query.Launch(
                stream, Tiles(a.QueryLength, a.Batch, a.Heads), a.Query, a.Key, a.Value, a.LogSumExp, g.Scratch, g.Output, g.Query,
                a.Batch, a.QueryLength, a.KeyLength, a.Heads, group, a.QueryStride, a.KeyStride, a.ValueStride, g.OutputStride,
                g.QueryStride, a.Scale, causal, window, a.SoftCap, a.QueryStart);
        }
        if (a.KeyLength > 0)
            kernels.Key.Launch(
                stream, Tiles(a.KeyLength, a.Batch, a.KeyHeads), a.Query, a.Key, a.Value, a.LogSumExp, g.Scratch, g.Output, g.Key,
                g.Value, a.Batch, a.QueryLength, a.KeyLength, a.Heads, group, a.QueryStride, a.KeyStride, a.ValueStride,
                g.OutputStride, g.KeyStride, g.ValueStride, a.Scale, causal, window, a.SoftCap, a.QueryStart);
    }

    private static (int HeadSize, TensorType Type, bool Capped) Variant(in GpuAttentionArguments a) => (a.HeadSize, a.Type, a.SoftCap > 0);

    private static int Place(in GpuAttentionArguments a) => 4 * a.HeadSize + (a.Type == TensorType.BF16 ? 2 : 0) + (a.SoftCap > 0 ? 1 : 0);

    private static KernelGrid Tiles(int tokens, int batch, int heads) =>
        new(checked((int)((long)((tokens + Side - 1) / Side) * batch * heads)), GroupSize);

    private static int Window(in GpuAttentionArguments a) => Math.Min(a.Window, LongestWindow);

    private static KernelSource Source(string file, (int HeadSize, TensorType Type, bool Capped) variant) => new(
        file, KernelSource.OwnText("attention_tile.h") + KernelSource.OwnText(file),
        [("HEAD_SIZE", $"{variant.HeadSize}"), .. variant.Capped ? [("SOFT_CAP", "1")] : Array.Empty<(string, string)>(), .. RealType.Defines(variant.Type)]);

    private sealed class BackwardKernels(GpuModule module)
    {
        public readonly GpuKernel Delta = module["attention_delta"];
        public readonly GpuKernel Query = module["attention_query_gradient"], Key = module["attention_key_gradient"];
    }
}
