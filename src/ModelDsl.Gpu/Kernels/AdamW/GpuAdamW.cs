using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// One step of Adam with decoupled weight decay (Kingma and Ba, 2015; Loshchilov and Hutter, 2019) over an arena of
/// weights in one launch, with the operations of the CPU's <see cref="Runtime.Cpu.AdamW"/> in the same order.
/// </summary>
public sealed class GpuAdamW(GpuDevice device)
{
    private const int GroupSize = 256, ElementsOfThread = 4;

    private GpuKernel? _f32, _bf16;

    internal static IEnumerable<KernelSource> Variants => [Source(TensorType.F32), Source(TensorType.BF16)];

    /// <summary>
    /// The elements at which weight decay switches off and on, for consecutive ranges from element 0 on; upload it once.
    /// </summary>
    /// <exception cref="ArgumentException">A range does not begin at the end of the previous one.</exception>
    public static long[] DecayBoundaries(params IEnumerable<(long Begin, long End, bool Decay)> ranges)
    {
        var boundaries = new List<long>();
        long place = 0;
        foreach (var (begin, end, decay) in ranges)
        {
            if (begin != place || end < begin)
                throw new ArgumentException($"Range [{begin}, {end}) does not follow one that ends at {place}.", nameof(ranges));
            if (decay != (boundaries.Count % 2 == 0) && end > begin)
                boundaries.Add(begin);
            place = end;
        }
        return [.. boundaries];
    }

    /// <summary>Queues the step.</summary>
    /// <exception cref="ArgumentException">A pointer is null or not a multiple of 16 bytes, or the gradients have another type.</exception>
    public void Update(GpuStream stream, in GpuAdamWArguments a)
    {
        if (a.GradientType is not (TensorType.F32 or TensorType.BF16))
            throw new ArgumentException($"AdamW takes gradients in F32 or BF16, not {a.GradientType}.");
        Check(a.Weights, "weights");
        Check(a.Gradients, "gradients");
        Check(a.FirstMoment, "first moment");
        Check(a.SecondMoment, "second moment");
        if (!a.Copy.IsNull)
            Check(a.Copy, "copy of the weights");
        if (a.BoundaryCount < 0 || a.BoundaryCount > 0 && a.Boundaries.IsNull)
            throw new ArgumentException($"AdamW has {a.BoundaryCount} boundaries of weight decay at {a.Boundaries}.");
        if (a.Count <= 0)
            return;
        Kernel(a.GradientType).Launch(
            stream, KernelGrid.Elements((a.Count + ElementsOfThread - 1) / ElementsOfThread, GroupSize),
            a.Weights, a.Gradients, a.FirstMoment, a.SecondMoment, a.Copy, a.Count, a.Boundaries, a.BoundaryCount, a.Clip,
            a.GradientScale, a.Beta1, a.Beta2, a.Epsilon, -a.LearningRate / a.BiasCorrection1,
            1 / MathF.Sqrt(a.BiasCorrection2), 1 - a.LearningRate * a.WeightDecay);
    }

    private GpuKernel Kernel(TensorType gradients) => gradients == TensorType.F32
        ? _f32 ??= device.Compile(Source(gradients))["adamw"]
        : _bf16 ??= device.Compile(Source(gradients))["adamw"];

    private static KernelSource Source(TensorType gradients) => KernelSource.Own("adamw.c", RealType.Defines(gradients));

    private static void Check(GpuPointer pointer, string name)
    {
        if (pointer.IsNull || pointer.Address % 16 != 0)
            throw new ArgumentException($"AdamW's {name} at {pointer} must be at a multiple of 16 bytes, and not null.");
    }
}
