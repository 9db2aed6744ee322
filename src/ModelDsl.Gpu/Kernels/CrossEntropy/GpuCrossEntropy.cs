using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>The operands of cross-entropy over logits [Rows, Vocabulary].</summary>
public record struct GpuCrossEntropyArguments
{
    /// <summary>Of <see cref="Type"/>, F32 or BF16; replaced by their gradient if it is requested.</summary>
    public GpuPointer Logits;
    public TensorType Type;

    /// <summary>Elements from one row to the next.</summary>
    public long Stride;

    /// <summary>
    /// One target per row; Limit is the vocabulary's size. A negative target does not count: loss 0, gradient 0. One beyond
    /// the vocabulary gives NaN and sets the flag.
    /// </summary>
    public GpuIds Targets;

    /// <summary>One F32 per row: log sum exp(logits) - logits[target].</summary>
    public GpuPointer Losses;
}

/// <summary>
/// Softmax cross-entropy in one pass over the logits, and its gradient in place in a second (Milakov and
/// Gimelshein, 2018, for the sums). A row with a NaN, with +infinity, or of -infinity alone has loss and gradient NaN.
/// </summary>
public sealed class GpuCrossEntropy(GpuDevice device)
{
    private const int GroupSize = 256;

    private GpuKernel? _f32, _bf16, _scale, _mean;

    internal static IEnumerable<KernelSource> Variants => [Source(TensorType.F32), Source(TensorType.BF16)];

    /// <summary>Queues the losses; the logits do not change.</summary>
    public void Losses(GpuStream stream, in GpuCrossEntropyArguments arguments) =>
        Launch(stream, arguments, 0, GpuPointer.Null, 0);

    /// <summary>Queues the losses, and (softmax(logits) - onehot(target)) * scale in place of the logits.</summary>
    /// <param name="scale">The gradient of each row's loss: F32, <paramref name="scaleStride"/> apart; a stride of 0 means one for all.</param>
    public void LossesAndGradient(GpuStream stream, in GpuCrossEntropyArguments arguments, GpuPointer scale, int scaleStride = 0)
    {
        if (scale.IsNull)
            throw new ArgumentException("The gradient of cross-entropy needs the gradient of the losses, scale.", nameof(scale));
        Launch(stream, arguments, 1, scale, scaleStride);
    }

    /// <summary>Queues scale[0] = weight / the number of targets that count (at least 1): the gradient of their mean loss.</summary>
    /// <param name="weight">For a part of a batch, its share of all targets.</param>
    public void MeanScale(GpuStream stream, in GpuIds targets, GpuPointer scale, float weight = 1) =>
        (_scale ??= device.Compile(Source(TensorType.F32))["mean_scale"])
            .Launch(stream, new KernelGrid(1, GroupSize), targets.Data, targets.Count, weight, scale);

    /// <summary>Queues mean[0] = the sum of the losses, in a fixed order, times <see cref="MeanScale"/>'s scale[0].</summary>
    public void MeanLoss(GpuStream stream, GpuPointer losses, int rows, GpuPointer scale, GpuPointer mean) =>
        (_mean ??= device.Compile(Source(TensorType.F32))["mean_loss"])
            .Launch(stream, new KernelGrid(1, GroupSize), losses, rows, scale, mean);

    private void Launch(GpuStream stream, in GpuCrossEntropyArguments a, int withGradient, GpuPointer scale, int scaleStride)
    {
        int vocabulary = a.Targets.Limit, size = RealType.Bytes(a.Type);
        if (vocabulary <= 0 || a.Stride < vocabulary)
            throw new ArgumentException($"Rows of {vocabulary} logits, {a.Stride} elements from one to the next: there must be at least one logit, and room for them.");
        if (a.Logits.Address % (nuint)size != 0)
            throw new ArgumentException($"The logits at {a.Logits} are not aligned to {a.Type}.");
        if (a.Targets.Count <= 0)
            return;
        int threads = Math.Min(device.MaxGroupSize, vocabulary >= 8192 ? 1024 : vocabulary >= 512 ? 256 : 64);
        Kernel(a.Type).Launch(
            stream, new KernelGrid(a.Targets.Count, threads), a.Logits, a.Stride, vocabulary, a.Targets.Data, a.Losses,
            withGradient, scale, scaleStride, a.Targets.Flag);
    }

    private GpuKernel Kernel(TensorType type) => type switch
    {
        TensorType.F32 => _f32 ??= device.Compile(Source(type))["cross_entropy"],
        TensorType.BF16 => _bf16 ??= device.Compile(Source(type))["cross_entropy"],
        _ => throw new ArgumentException($"Logits are F32 or BF16, not {type}."),
    };

    private static KernelSource Source(TensorType type) => KernelSource.Own("cross_entropy.c", RealType.Defines(type));
}
