namespace ModelDsl.Runtime.Cpu;

/// <summary>The cosines and sines of rotary position embeddings (Su et al., 2021).</summary>
/// <remarks>Row t is dim/2 cosines and then dim/2 sines of the angles t theta^(-2i/dim), i = 0 .. dim/2 - 1.</remarks>
public static unsafe class RopeTable
{
    /// <summary>Fills [length, dim] floats. Angles are computed in double, so long contexts lose nothing.</summary>
    public static void Fill(float* table, int length, int dim, float theta)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(theta);
        if (dim <= 0 || dim % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(dim), dim, "The rotated part of a head must be a positive even number of elements.");
        for (int i = 0; i < dim / 2; i++)
        {
            double frequency = Math.Pow(theta, -2.0 * i / dim);
            for (long t = 0; t < length; t++)
            {
                (double sine, double cosine) = Math.SinCos(t * frequency);
                table[t * dim + i] = (float)cosine;
                table[t * dim + dim / 2 + i] = (float)sine;
            }
        }
    }
}
