namespace ModelDsl.Runtime;

/// <summary>Row r squares and adds Gradients[r * RowFloats ...] into Sums[r], in double, in order.</summary>
internal unsafe struct SquaredNormRows : IRowKernel
{
    public const int RowFloats = 1 << 14;

    public float* Gradients;
    public double* Sums;
    public long Count;

    public readonly void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            long first = (long)row * RowFloats, last = Math.Min(first + RowFloats, Count);
            double sum = 0;
            for (long i = first; i < last; i++)
                sum += (double)Gradients[i] * Gradients[i];
            Sums[row] = sum;
        }
    }
}

/// <summary>Row r updates weights [r * RowFloats, ...) by AdamW.</summary>
internal unsafe struct AdamWRows : IRowKernel
{
    public const int RowFloats = 1 << 14;

    public float* Weights, Gradients, First, Second;
    public long Count;
    public float GradientScale, LearningRate, Beta1, Beta2, Epsilon, Decay;
    /// <summary>1 / (1 - beta1^step) and 1 / (1 - beta2^step).</summary>
    public float FirstCorrection, SecondCorrection;

    public readonly void Run(int begin, int end)
    {
        long last = Math.Min((long)end * RowFloats, Count);
        for (long i = (long)begin * RowFloats; i < last; i++)
        {
            float gradient = Gradients[i] * GradientScale;
            float first = First[i] = Beta1 * First[i] + (1 - Beta1) * gradient;
            float second = Second[i] = Beta2 * Second[i] + (1 - Beta2) * gradient * gradient;
            float update = first * FirstCorrection / (MathF.Sqrt(second * SecondCorrection) + Epsilon);
            Weights[i] -= LearningRate * (update + Decay * Weights[i]);
        }
    }
}
