using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>The operands of a step of AdamW: <see cref="Count"/> elements each, at multiples of 16 bytes.</summary>
public record struct GpuAdamWArguments
{
    /// <summary>F32.</summary>
    public GpuPointer Weights, FirstMoment, SecondMoment;

    /// <summary>Of <see cref="GradientType"/>: F32 or BF16.</summary>
    public GpuPointer Gradients;
    public TensorType GradientType = TensorType.F32;

    /// <summary>BF16: the new weights, rounded to nearest; null if no copy is kept.</summary>
    public GpuPointer Copy;

    public long Count;

    /// <summary>
    /// <see cref="BoundaryCount"/> ascending 64-bit indices at which weight decay switches off and on, see
    /// <see cref="GpuAdamW.DecayBoundaries"/>; none if all weights decay.
    /// </summary>
    public GpuPointer Boundaries;
    public int BoundaryCount;

    /// <summary>
    /// One F32 by which the gradients are multiplied, such as <see cref="GpuNorm"/>'s factor; if it is NaN the step
    /// changes nothing. Null means 1.
    /// </summary>
    public GpuPointer Clip;

    /// <summary>A further factor of the gradients.</summary>
    public float GradientScale = 1;

    public float LearningRate, Beta1, Beta2, Epsilon, WeightDecay;

    /// <summary>1 - Beta1^t and 1 - Beta2^t at step t = 1, 2, ...</summary>
    public float BiasCorrection1, BiasCorrection2;

    public GpuAdamWArguments() { }
}
