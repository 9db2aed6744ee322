using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime;

/// <summary>The natural logarithm, and powers through it.</summary>
public static partial class Simd
{
    /// <summary>ln x, at most 1 ulp; -infinity at 0, NaN below, subnormal arguments included.</summary>
    /// <remarks>x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); ln(1 + f) = f - f^2/2 + f^3 p(f), minimax p.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x)
    {
        Vector512<float> subnormal = Vector512.LessThan(x, Splat(1.17549435e-38f));
        Vector512<int> bits = Vector512.ConditionalSelect(subnormal, x * Splat(8388608f), x).AsInt32();
        bits -= Vector512.Create(RootHalf);
        Vector512<float> e = Vector512.ConvertToSingle(bits >> 23) - (subnormal & Splat(23f));
        Vector512<float> f = ((bits & Vector512.Create(0x7fffff)) + Vector512.Create(RootHalf)).AsSingle() - Vector512<float>.One;

        Vector512<float> p = Splat(-0.076381892f);
        p = Fma(p, f, Splat(0.127647638f));
        p = Fma(p, f, Splat(-0.1316019f));
        p = Fma(p, f, Splat(0.14201273f));
        p = Fma(p, f, Splat(-0.166233152f));
        p = Fma(p, f, Splat(0.200012505f));
        p = Fma(p, f, Splat(-0.250008225f));
        p = Fma(p, f, Splat(0.333333313f));
        p = Fma(p, f, Splat(-0.5f));
        Vector512<float> small = Fma(p, f * f, e * Splat(Ln2Low));
        Vector512<float> log = Fma(e, Splat(Ln2High), f + small);

        Vector512<float> zero = Vector512<float>.Zero;
        Vector512<float> ordinary = Vector512.GreaterThan(x, zero) & Vector512.LessThan(x, Splat(float.PositiveInfinity));
        Vector512<float> special = Vector512.ConditionalSelect(Vector512.LessThan(x, zero), Splat(float.NaN), x);
        special = Vector512.ConditionalSelect(Vector512.Equals(x, zero), Splat(float.NegativeInfinity), special);
        return Vector512.ConditionalSelect(ordinary, log, special);
    }

    /// <summary>
    /// x^y = e^(y ln x) for x &gt;= 0, with a relative error of about (2 + |y ln x|) 2^-23; 1 where y is 0, NaN for x &lt; 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Pow(Vector512<float> x, Vector512<float> y) =>
        Vector512.ConditionalSelect(Vector512.Equals(y, Vector512<float>.Zero), Vector512<float>.One, Exp(y * Log(x)));

    public static float Log(float x) => Log(Splat(x)).ToScalar();
    public static float Pow(float x, float y) => Pow(Splat(x), Splat(y)).ToScalar();

    /// <summary>The bits of the float next to sqrt(1/2).</summary>
    private const int RootHalf = 0x3f3504f3;
}
