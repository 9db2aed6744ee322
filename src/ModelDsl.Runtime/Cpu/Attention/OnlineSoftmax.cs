using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// What the softmax needs of one row of scores that arrives in blocks: the maximum so far and, lane by lane, the sum of
/// the exponentials relative to it (Milakov and Gimelshein, 2018). Scores are in units of log 2.
/// </summary>
internal static unsafe class OnlineSoftmax
{
    /// <summary>
    /// Makes scores [begin, end) of a row, multiples of 16 around the visible [lo, hi), into 2^(factor score - maximum),
    /// zero where not visible. Returns what earlier sums must be multiplied by.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float AddBlock(float* scores, int begin, int end, int lo, int hi, float factor, ref float maximum, ref Vector512<float> sum)
    {
        bool whole = lo <= begin && hi >= end;
        Vector512<float> top = Simd.Splat(float.NegativeInfinity);
        if (whole)
            for (int j = begin; j < end; j += Simd.Width) top = Simd.LargerOrSecond(top, Simd.Load(scores + j));
        else
            for (int j = begin; j < end; j += Simd.Width)
                top = Simd.LargerOrSecond(top, Simd.KeepBetween(Simd.Load(scores + j), lo - j, hi - j, float.NegativeInfinity));

        float highest = Simd.Maximum(top);
        if (highest == float.NegativeInfinity)
        {
            for (int j = begin; j < end; j += Simd.Width) Simd.Store(scores + j, default);
            return 1;
        }
        float before = maximum;
        maximum = highest * factor > before ? highest * factor : before;
        float rescale = maximum == before || before == float.NegativeInfinity ? 1 : Simd.Exp2(before - maximum); // no sums yet

        Vector512<float> shift = Simd.Splat(-maximum), scale = Simd.Splat(factor), added = default;
        if (whole)
        {
            for (int j = begin; j < end; j += Simd.Width)
            {
                Vector512<float> p = Simd.Exp2OfNegative(Simd.Fma(Simd.Load(scores + j), scale, shift));
                Simd.Store(scores + j, p);
                added += p;
            }
        }
        else
        {
            for (int j = begin; j < end; j += Simd.Width)
            {
                Vector512<float> p = Simd.Exp2OfNegative(Simd.Fma(Simd.Load(scores + j), scale, shift));
                p = Simd.KeepBetween(p, lo - j, hi - j, 0);
                Simd.Store(scores + j, p);
                added += p;
            }
        }
        sum = Simd.Fma(sum, Simd.Splat(rescale), added);
        return rescale;
    }

    /// <summary>scores = cap log2(e) tanh(factor scores) over [begin, end) of each row, for a soft cap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cap(float* scores, int stride, int rows, int begin, int end, float factor, float cap)
    {
        Vector512<float> scale = Simd.Splat(factor), range = Simd.Splat(cap * AttentionJob.Log2E);
        for (int i = 0; i < rows; i++, scores += stride)
            for (int j = begin; j < end; j += Simd.Width)
                Simd.Store(scores + j, Simd.Tanh(Simd.Load(scores + j) * scale) * range);
    }
}
