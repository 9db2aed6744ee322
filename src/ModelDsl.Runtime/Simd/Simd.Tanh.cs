using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime;

/// <summary>The hyperbolic tangent, and the GELU that is made with it.</summary>
public static partial class Simd
{
    /// <summary>tanh x, at most 4 ulp.</summary>
    /// <remarks>m / (m + 2) with m = e^(2|x|) - 1 = 2^n (2^r - 1) + (2^n - 1), which keeps its digits near 0.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        Vector512<float> y = SmallerOrSecond(Splat(40f), Vector512.Abs(x) * Splat(2 * Log2E));
        Vector512<float> n = Vector512.Round(y), r = y - n;
        Vector512<float> power = Scale(Vector512<float>.One, n);
        Vector512<float> m = Fma(power, Exp2Slope(r) * r, power - Vector512<float>.One);
        return CopySign(m / (m + Splat(2f)), x);
    }

    /// <summary>
    /// x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, GELU's tanh form (Hendrycks and Gimpel, 2016). The error is at
    /// most 3 ulp above -1; below, the relative error grows as (1 + x^2) 2^-22. NaN at -infinity.
    /// </summary>
    /// <remarks>Computed as x / (1 + 2^t).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluTanh(Vector512<float> x)
    {
        const float Linear = -2.30220819f; // -2 log2(e) sqrt(2/pi)
        Vector512<float> t = x * Fma(x * x, Splat(Linear * 0.044715f), Splat(Linear));
        return x / (Vector512<float>.One + Exp2(t));
    }

    public static float Tanh(float x) => Tanh(Splat(x)).ToScalar();
    public static float GeluTanh(float x) => GeluTanh(Splat(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> CopySign(Vector512<float> magnitude, Vector512<float> sign) =>
        Vector512.ConditionalSelect(Splat(-0f), sign, magnitude);
}
