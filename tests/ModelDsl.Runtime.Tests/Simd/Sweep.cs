using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Tests;

/// <summary>Walks through the floats of a range at an even stride over their bit patterns and measures the error.</summary>
internal static class Sweep
{
    /// <summary>The stride; a prime, so that no pattern of low bits is left out. MODELDSL_SWEEP sets a finer one.</summary>
    private static readonly uint Stride = uint.Parse(Environment.GetEnvironmentVariable("MODELDSL_SWEEP") ?? "2053");

    /// <summary>The largest error in ulp over low &lt;= x &lt;= high, and where it is.</summary>
    public static (double Ulp, float At) MaxUlp(
        Func<Vector512<float>, Vector512<float>> function, Func<double, double> reference, float low, float high) =>
        Max(function, (x, y) => UlpError(y, reference(x)), low, high);

    /// <summary>The largest value of error(x, f(x)).</summary>
    public static (double Error, float At) Max(
        Func<Vector512<float>, Vector512<float>> function, Func<float, float, double> error, float low, float high)
    {
        (double Error, float At) worst = (-1, 0);
        for (ulong bits = 0; bits < 1UL << 32;)
        {
            Vector512<float> x = default;
            for (int lane = 0; lane < 16;)
            {
                float value = BitConverter.UInt32BitsToSingle((uint)bits);
                bits += Stride;
                if (bits >= 1UL << 32) value = low;
                else if (!(value >= low && value <= high)) continue;
                x = x.WithElement(lane++, value);
            }
            Vector512<float> y = function(x);
            for (int lane = 0; lane < 16; lane++)
            {
                double e = error(x[lane], y[lane]);
                if (!(e <= worst.Error)) worst = (e, x[lane]);
            }
        }
        return worst;
    }

    /// <summary>|got - exact| in units of the last place of the float nearest to exact; an overflow must be infinite.</summary>
    public static double UlpError(float got, double exact)
    {
        if (double.IsNaN(exact)) return float.IsNaN(got) ? 0 : double.PositiveInfinity;
        float nearest = (float)exact;
        if (float.IsInfinity(nearest)) return got == nearest || Math.Abs(got) == float.MaxValue ? 0 : double.PositiveInfinity;
        int exponent = nearest == 0 ? -126 : Math.Max(Math.ILogB(nearest), -126);
        if (float.IsInfinity(got)) got = MathF.CopySign(2 * MathF.ScaleB(1, 127), got); // one past the largest float
        double value = float.IsInfinity(got) ? Math.CopySign(Math.ScaleB(1, 128), got) : got;
        return Math.Abs(value - exact) / Math.ScaleB(1, exponent - 23);
    }
}
