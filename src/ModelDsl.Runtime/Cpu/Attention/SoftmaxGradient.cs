using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>The elementwise part of the backward pass, over one row of a block of keys.</summary>
internal static unsafe class SoftmaxGradient
{
    /// <summary>
    /// From the products of query and key in <paramref name="p"/> and dP in <paramref name="s"/> to the probabilities
    /// and to dS = P (dP - delta), both zero in [0, count) outside of the visible keys.
    /// </summary>
    /// <param name="factor">See <see cref="AttentionJob.Factor"/>.</param>
    /// <param name="logSumExp">In units of log 2.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(
        float* p, float* s, int count, (int Begin, int End) visible, float factor, float cap, float logSumExp, float delta)
    {
        int begin = visible.Begin / Simd.Width * Simd.Width, end = AttentionJob.RoundUp(visible.End, Simd.Width);
        if (visible.Begin >= visible.End) begin = end = count;
        Clear(p, s, 0, begin);
        if (cap > 0) Capped(p, s, begin, end, visible, factor, cap, logSumExp, delta);
        else if (begin == visible.Begin && end == visible.End) Whole(p, s, begin, end, factor, logSumExp, delta);
        else Masked(p, s, begin, end, visible, factor, logSumExp, delta);
        Clear(p, s, end, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Whole(float* p, float* s, int begin, int end, float factor, float logSumExp, float delta)
    {
        Vector512<float> scale = Simd.Splat(factor), shift = Simd.Splat(-logSumExp), minus = Simd.Splat(delta);
        for (int j = begin; j < end; j += Simd.Width)
        {
            Vector512<float> probability = Simd.Exp2OfNegative(Simd.Fma(Simd.Load(p + j), scale, shift));
            Simd.Store(p + j, probability);
            Simd.Store(s + j, probability * (Simd.Load(s + j) - minus));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Masked(
        float* p, float* s, int begin, int end, (int Begin, int End) visible, float factor, float logSumExp, float delta)
    {
        Vector512<float> scale = Simd.Splat(factor), shift = Simd.Splat(-logSumExp), minus = Simd.Splat(delta);
        for (int j = begin; j < end; j += Simd.Width)
        {
            Vector512<float> probability = Simd.Exp2OfNegative(Simd.Fma(Simd.Load(p + j), scale, shift));
            Vector512<float> gradient = probability * (Simd.Load(s + j) - minus);
            Simd.Store(p + j, Simd.KeepBetween(probability, visible.Begin - j, visible.End - j, 0));
            Simd.Store(s + j, Simd.KeepBetween(gradient, visible.Begin - j, visible.End - j, 0));
        }
    }

    /// <summary>The slope of cap tanh(x / cap) is 1 - tanh^2.</summary>
    private static void Capped(
        float* p, float* s, int begin, int end, (int Begin, int End) visible, float factor, float cap, float logSumExp, float delta)
    {
        Vector512<float> scale = Simd.Splat(factor), shift = Simd.Splat(-logSumExp), minus = Simd.Splat(delta);
        Vector512<float> range = Simd.Splat(cap * AttentionJob.Log2E);
        for (int j = begin; j < end; j += Simd.Width)
        {
            Vector512<float> tanh = Simd.Tanh(Simd.Load(p + j) * scale);
            Vector512<float> probability = Simd.Exp2OfNegative(Simd.Fma(tanh, range, shift));
            Vector512<float> slope = Simd.Fma(-tanh, tanh, Vector512<float>.One);
            Vector512<float> gradient = probability * (Simd.Load(s + j) - minus) * slope;
            Simd.Store(p + j, Simd.KeepBetween(probability, visible.Begin - j, visible.End - j, 0));
            Simd.Store(s + j, Simd.KeepBetween(gradient, visible.Begin - j, visible.End - j, 0));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(float* p, float* s, int begin, int end)
    {
        for (int j = begin; j < end; j += Simd.Width)
        {
            Simd.Store(p + j, default);
            Simd.Store(s + j, default);
        }
    }
}
