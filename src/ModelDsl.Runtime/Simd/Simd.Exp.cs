using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime;

/// <summary>The exponential and the functions that are a quotient of it.</summary>
public static partial class Simd
{
    private const float Log2E = 1.44269504f;
    /// <summary>ln 2 in two parts; n times the first is exact for every exponent n.</summary>
    private const float Ln2High = 0.693145752f, Ln2Low = 1.42860682e-6f;

    /// <summary>e^x, at most 1.05 ulp; subnormal results included, infinity above 88.73.</summary>
    /// <remarks>x = n ln 2 + r with |r| &lt;= ln 2 / 2 (Cody and Waite, 1980); e^r = 1 + r + r^2 p(r), minimax p.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Clamp(x, -110f, 100f);
        Vector512<float> n = Vector512.Round(x * Splat(Log2E));
        Vector512<float> r = Fma(n, Splat(-Ln2High), x);
        r = Fma(n, Splat(-Ln2Low), r);
        Vector512<float> p = Splat(0.00138207339f);
        p = Fma(p, r, Splat(0.00836867746f));
        p = Fma(p, r, Splat(0.0416682661f));
        p = Fma(p, r, Splat(0.166665211f));
        p = Fma(p, r, Splat(0.49999994f));
        p = Fma(p, r * r, r) + Vector512<float>.One;
        return Scale(p, n);
    }

    /// <summary>2^x, at most 1 ulp; subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> x) => Exp2InRange(Clamp(x, -160f, 140f));

    /// <summary>1 / (1 + e^-x), at most 2.5 ulp; zero below -88.73.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Reciprocal(Vector512<float>.One + Exp(-x));

    /// <summary>x / (1 + e^-x), at most 2.5 ulp above -88; below, within 1e-36 of zero. NaN at -infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + Exp(-x));

    public static float Exp(float x) => Exp(Splat(x)).ToScalar();
    public static float Exp2(float x) => Exp2(Splat(x)).ToScalar();
    public static float Sigmoid(float x) => Sigmoid(Splat(x)).ToScalar();
    public static float Silu(float x) => Silu(Splat(x)).ToScalar();

    /// <summary>2^x for x up to 100: <see cref="Exp2(Vector512{float})"/> with half of its clamp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Exp2OfNegative(Vector512<float> x) => Exp2InRange(LargerOrSecond(Splat(-160f), x));

    /// <summary>2^x for |x| &lt; 250 or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp2InRange(Vector512<float> x)
    {
        Vector512<float> n = Vector512.Round(x);
        return Scale(Fma(Exp2Slope(x - n), x - n, Vector512<float>.One), n);
    }

    /// <summary>(2^r - 1) / r for |r| &lt;= 1/2, with a relative error of 1.3e-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp2Slope(Vector512<float> r)
    {
        Vector512<float> p = Splat(0.000153830202f);
        p = Fma(p, r, Splat(0.0013387393f));
        p = Fma(p, r, Splat(0.00961830933f));
        p = Fma(p, r, Splat(0.0555036739f));
        p = Fma(p, r, Splat(0.240226492f));
        return Fma(p, r, Splat(0.693147182f));
    }

    /// <summary>v 2^n for an integer |n| &lt; 250, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scale(Vector512<float> v, Vector512<float> n)
    {
        if (Avx512F.IsSupported) return Avx512F.Scale(v, n);
        Vector512<int> exponent = Vector512.ConvertToInt32(n), half = exponent >> 1; // two steps: each power is a normal number
        return v * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> n) => ((n + Vector512.Create(127)) << 23).AsSingle();
}
