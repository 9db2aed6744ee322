using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Softmax cross-entropy and its gradient in the same memory: Losses[row] = log sum exp(logits) - logits[target], then
/// logits = (softmax(logits) - onehot(target)) * scale. A row with a negative target has loss 0 and gradient 0.
/// </summary>
public unsafe struct CrossEntropyRows : IRowKernel
{
    /// <summary>[rows, Vocabulary], with Stride elements from one row to the next.</summary>
    public float* Logits;
    public int* Targets;
    public float* Losses;
    public int Vocabulary, Stride;
    /// <summary>The gradient of each row's loss, such as 1 / (rows that count), ScaleStride apart; 0 is one for all rows.</summary>
    public float* Scale;
    public int ScaleStride;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            float* logits = Logits + (long)row * Stride;
            int target = Targets[row];
            if (target < 0)
            {
                Losses[row] = 0;
                new Span<float>(logits, Vocabulary).Clear();
                continue;
            }
            float logSumExp = LogSumExpRow.Of(logits, Vocabulary);
            Losses[row] = logSumExp - logits[target];

            float rowScale = Scale[(long)row * ScaleStride];
            Vector512<float> shift = Simd.Splat(logSumExp), scale = Simd.Splat(rowScale);
            int i = 0;
            for (; i + Simd.Width <= Vocabulary; i += Simd.Width)
                Simd.Store(logits + i, Simd.Exp(Simd.Load(logits + i) - shift) * scale);
            if (i < Vocabulary)
                Simd.Store(logits + i, Simd.Exp(Simd.Load(logits + i, Vocabulary - i) - shift) * scale, Vocabulary - i);
            logits[target] -= rowScale;
        }
    }
}

/// <summary>The losses of <see cref="CrossEntropyRows"/> alone; the logits stay.</summary>
public unsafe struct CrossEntropyLosses : IRowKernel
{
    /// <summary>[rows, Vocabulary], with Stride elements from one row to the next.</summary>
    public float* Logits;
    public int* Targets;
    public float* Losses;
    public int Vocabulary, Stride;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            float* logits = Logits + (long)row * Stride;
            int target = Targets[row];
            Losses[row] = target < 0 ? 0 : LogSumExpRow.Of(logits, Vocabulary) - logits[target];
        }
    }
}
