using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// One step of Adam with decoupled weight decay (Kingma and Ba, 2015; Loshchilov and Hutter, 2019) over a flat range of
/// weights: one read of the four buffers, one write of three. One row is a chunk of elements.
/// </summary>
public unsafe struct AdamW : IRowKernel
{
    private const int ChunkElements = 16384;

    /// <summary>Count floats each.</summary>
    public float* Weights, Gradients, FirstMoment, SecondMoment;
    public long Count;
    public float LearningRate, Beta1, Beta2, Epsilon, WeightDecay;
    /// <summary>What the gradients are multiplied by first, such as maxNorm / norm where they are clipped.</summary>
    public float GradientScale;
    /// <summary>1 - Beta1^t and 1 - Beta2^t at step t = 1, 2, ...</summary>
    public float BiasCorrection1, BiasCorrection2;

    /// <summary>The number of rows to launch.</summary>
    public readonly int Rows => (int)((Count + ChunkElements - 1) / ChunkElements);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        Vector512<float> scale = Simd.Splat(GradientScale), beta1 = Simd.Splat(Beta1), beta2 = Simd.Splat(Beta2);
        Vector512<float> rest1 = Simd.Splat(1 - Beta1), rest2 = Simd.Splat(1 - Beta2), epsilon = Simd.Splat(Epsilon);
        Vector512<float> keep = Simd.Splat(1 - LearningRate * WeightDecay);
        Vector512<float> step = Simd.Splat(-LearningRate / BiasCorrection1);
        Vector512<float> rootCorrection = Simd.Splat(1 / MathF.Sqrt(BiasCorrection2));

        long last = Math.Min(Count, (long)end * ChunkElements);
        for (long i = (long)begin * ChunkElements; i < last; i += Simd.Width)
        {
            int count = (int)Math.Min(Simd.Width, last - i);
            Vector512<float> g = Simd.Load(Gradients + i, count) * scale;
            Vector512<float> m = Simd.Fma(beta1, Simd.Load(FirstMoment + i, count), rest1 * g);
            Vector512<float> v = Simd.Fma(beta2, Simd.Load(SecondMoment + i, count), rest2 * (g * g));
            Vector512<float> direction = m / Simd.Fma(Simd.Sqrt(v), rootCorrection, epsilon);
            Vector512<float> w = Simd.Fma(step, direction, keep * Simd.Load(Weights + i, count));
            Simd.Store(FirstMoment + i, m, count);
            Simd.Store(SecondMoment + i, v, count);
            Simd.Store(Weights + i, w, count);
        }
    }
}
