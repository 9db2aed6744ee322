using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime;

/// <summary>Sine and cosine.</summary>
public static unsafe partial class Simd
{
    /// <summary>sin x, x in radians, at most 2 ulp for every x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sin(Vector512<float> x) =>
        Vector512.GreaterThanAny(Vector512.Abs(x), Splat(LargestAngle)) ? LargeSin(x) : Wave(x, 0);

    /// <summary>cos x, x in radians, at most 2 ulp for every x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Cos(Vector512<float> x) =>
        Vector512.GreaterThanAny(Vector512.Abs(x), Splat(LargestAngle)) ? LargeCos(x) : Wave(x, 1);

    public static float Sin(float x) => Sin(Splat(x)).ToScalar();
    public static float Cos(float x) => Cos(Splat(x)).ToScalar();

    /// <summary>Up to here three parts of pi/2 are enough.</summary>
    private const float LargestAngle = 65536f;

    /// <summary>sin(x + shift pi/2): x = q pi/2 + r, |r| &lt;= pi/4 (Cody and Waite, 1980), then minimax sine and cosine of r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wave(Vector512<float> x, int shift)
    {
        Vector512<float> q = Vector512.Round(x * Splat(0.636619772f));
        Vector512<float> r = Fma(q, Splat(-1.57079637f), x);
        r = Fma(q, Splat(4.37113883e-8f), r);
        r = Fma(q, Splat(1.7151245e-15f), r);
        Vector512<float> z = r * r;

        Vector512<float> sine = Splat(-0.000195179004f);
        sine = Fma(sine, z, Splat(0.00833218731f));
        sine = Fma(sine, z, Splat(-0.166666552f));
        sine = Fma(sine, z * r, r);

        Vector512<float> cosine = Splat(2.44323273e-5f);
        cosine = Fma(cosine, z, Splat(-0.00138873095f));
        cosine = Fma(cosine, z, Splat(0.0416666456f));
        cosine = Fma(cosine, z, Splat(-0.5f));
        cosine = Fma(cosine, z, Vector512<float>.One);

        Vector512<int> quarter = Vector512.ConvertToInt32(q) + Vector512.Create(shift);
        Vector512<int> odd = -(quarter & Vector512<int>.One);
        Vector512<int> sign = (quarter & Vector512.Create(2)) << 30;
        return Vector512.ConditionalSelect(odd.AsSingle(), cosine, sine) ^ sign.AsSingle();
    }

    private static Vector512<float> LargeSin(Vector512<float> x)
    {
        for (int i = 0; i < Width; i++) ((float*)&x)[i] = (float)Math.Sin(((float*)&x)[i]);
        return x;
    }

    private static Vector512<float> LargeCos(Vector512<float> x)
    {
        for (int i = 0; i < Width; i++) ((float*)&x)[i] = (float)Math.Cos(((float*)&x)[i]);
        return x;
    }
}
