using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime;

/// <summary>The error function, and the GELU that is made with it.</summary>
public static partial class Simd
{
    /// <summary>erf x, at most 3 ulp.</summary>
    /// <remarks>1 - 2^-y with y = |x| p(|x|) = -log2(erfc |x|), minimax p on [0, 4], and 2^-y - 1 kept exact near 0.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        Vector512<float> a = SmallerOrSecond(Splat(4f), Vector512.Abs(x));
        Vector512<float> p = Splat(-1.29164673e-5f);
        p = Fma(p, a, Splat(0.000165960199f));
        p = Fma(p, a, Splat(-0.000900250801f));
        p = Fma(p, a, Splat(0.00238324841f));
        p = Fma(p, a, Splat(-0.000211496939f));
        p = Fma(p, a, Splat(-0.0276415776f));
        p = Fma(p, a, Splat(0.14827925f));
        p = Fma(p, a, Splat(0.918447435f));
        p = Fma(p, a, Splat(1.62790704f));
        Vector512<float> y = -a * p;
        Vector512<float> n = Vector512.Round(y), r = y - n;
        Vector512<float> power = Scale(Vector512<float>.One, n);
        return CopySign(Fma(-power, Exp2Slope(r) * r, Vector512<float>.One - power), x);
    }

    /// <summary>
    /// x Phi(x) with the normal distribution's Phi, the exact GELU (Hendrycks and Gimpel, 2016). The error is at most
    /// 4 ulp above -1; below, the relative error is at most 2e-7 (1 + x^2/2)^3, where x (1 + erf) / 2 loses all digits.
    /// </summary>
    /// <remarks>max(x, 0) - |x| Phi(-|x|), Phi(-a) = 2^-(1 + a p(a)), p fitted to that error on [0, 14.5].</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gelu(Vector512<float> x)
    {
        Vector512<float> a = SmallerOrSecond(Splat(14.5f), Vector512.Abs(x));
        return Fma(-a, NormalTail(a), LargerOrSecond(Vector512<float>.Zero, x));
    }

    /// <summary>The slope of the exact GELU, Phi(x) + x phi(x), with an absolute error of 3e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluSlope(Vector512<float> x)
    {
        const float HalfLog2E = 0.72134752f, RootInverseTwoPi = 0.398942280f;
        Vector512<float> a = SmallerOrSecond(Splat(14.5f), Vector512.Abs(x));
        Vector512<float> tail = NormalTail(a);
        Vector512<float> density = Exp2InRange(a * a * Splat(-HalfLog2E)) * Splat(RootInverseTwoPi);
        Vector512<float> slope = Fma(a, density, -tail); // of the part below the line: Phi(x) + x phi(x) is this for x > 0, plus 1
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), -slope, slope + Vector512<float>.One);
    }

    public static float Erf(float x) => Erf(Splat(x)).ToScalar();
    public static float Gelu(float x) => Gelu(Splat(x)).ToScalar();
    public static float GeluSlope(float x) => GeluSlope(Splat(x)).ToScalar();

    /// <summary>Phi(-a) for 0 &lt;= a &lt;= 14.5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> NormalTail(Vector512<float> a)
    {
        Vector512<float> p = Splat(-2.91535546e-10f);
        p = Fma(p, a, Splat(1.7674342e-8f));
        p = Fma(p, a, Splat(-4.46950139e-7f));
        p = Fma(p, a, Splat(6.08941809e-6f));
        p = Fma(p, a, Splat(-4.72473112e-5f));
        p = Fma(p, a, Splat(0.000181068011f));
        p = Fma(p, a, Splat(0.000192187465f));
        p = Fma(p, a, Splat(-0.00715883682f));
        p = Fma(p, a, Splat(0.0525653325f));
        p = Fma(p, a, Splat(0.45918721f));
        p = Fma(p, a, Splat(1.15110719f));
        return Exp2InRange(Fma(-a, p, Splat(-1f)));
    }
}
