using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Tests;

/// <summary>Every function of <see cref="Simd"/> against double precision over its whole range, and at its special values.</summary>
public class SimdMathTests
{
    private const float Inf = float.PositiveInfinity, NaN = float.NaN, Big = float.MaxValue;

    [Fact] public void Exp() => Within(1.05, Simd.Exp, Math.Exp, -Inf, Inf);
    [Fact] public void Exp2() => Within(1, Simd.Exp2, x => Math.Pow(2, x), -Inf, Inf);
    [Fact] public void Log() => Within(1, Simd.Log, Math.Log, -Inf, Inf);
    [Fact] public void Tanh() => Within(4, Simd.Tanh, Math.Tanh, -Inf, Inf);
    [Fact] public void Erf() => Within(3, Simd.Erf, DoubleReference.Erf, -Inf, Inf);
    [Fact] public void Sigmoid() => Within(2.5, Simd.Sigmoid, x => 1 / (1 + Math.Exp(-x)), -87, Inf);
    [Fact] public void Silu() => Within(2.5, Simd.Silu, x => x / (1 + Math.Exp(-x)), -87, Big);
    [Fact] public void Gelu() => Within(4, Simd.Gelu, DoubleReference.Gelu, -1, Big);
    [Fact] public void GeluTanh() => Within(3, Simd.GeluTanh, DoubleReference.GeluTanh, -1, Big);
    [Fact] public void Sin() => Within(2, Simd.Sin, Math.Sin, -Inf, Inf);
    [Fact] public void Cos() => Within(2, Simd.Cos, Math.Cos, -Inf, Inf);
    [Fact] public void Rsqrt() => Within(1.5, Simd.Rsqrt, x => 1 / Math.Sqrt(x), 0, Inf);
    [Fact] public void Sqrt() => Within(0.5, Simd.Sqrt, Math.Sqrt, 0, Inf);
    [Fact] public void Reciprocal() => Within(0.5, Simd.Reciprocal, x => 1 / x, float.Epsilon, Inf);

    [Fact]
    public void GeluKeepsDigitsInItsTail()
    {
        var (error, at) = Sweep.Max(Simd.Gelu, (x, y) =>
        {
            double exact = DoubleReference.Gelu(x), tolerance = 2e-7 * Math.Pow(1 + x * x / 2, 3) * Math.Abs(exact);
            return Math.Abs(y - exact) / (tolerance + float.Epsilon);
        }, -12.5f, -1); // beyond, the value is subnormal
        Assert.True(error <= 1, $"{error} of the stated error at {at}");
    }

    [Fact]
    public void GeluTanhKeepsDigitsInItsTail()
    {
        var (error, at) = Sweep.Max(Simd.GeluTanh, (x, y) =>
        {
            double exact = DoubleReference.GeluTanh(x);
            return Math.Abs(y - exact) / (Math.ScaleB(1 + x * (double)x, -22) * Math.Abs(exact));
        }, -8, -1);
        Assert.True(error <= 1, $"{error} of the stated error at {at}");
    }

    [Fact]
    public void GeluSlope()
    {
        var (error, at) = Sweep.Max(Simd.GeluSlope, (x, y) => Math.Abs(y - DoubleReference.GeluSlope(x)), -30, 30);
        Assert.True(error <= 3e-7, $"{error} at {at}");
    }

    [Fact]
    public void TailsOfSigmoidAndSiluVanish()
    {
        Assert.True(Sweep.Max(Simd.Sigmoid, (_, y) => Math.Abs(y), -Inf, -88).Error < 1e-37);
        Assert.True(Sweep.Max(Simd.Silu, (_, y) => Math.Abs(y), -Big, -88).Error < 1e-36);
        Assert.True(Sweep.Max(Simd.Gelu, (_, y) => Math.Abs(y), -Inf, -12.5f).Error < 1e-33);
    }

    [Fact]
    public void PowWithinItsStatedError()
    {
        foreach (float exponent in new[] { -2.5f, -1, 0, 0.5f, 1, 3, 7.25f })
        {
            var (error, at) = Sweep.Max(x => Simd.Pow(x, Simd.Splat(exponent)), (x, y) =>
            {
                double exact = Math.Pow(x, exponent), power = Math.Abs(exponent * Math.Log(x));
                return exact is < 1.2e-38 or > 3.4e38 ? 0 : Math.Abs(y - exact) / exact / Math.ScaleB(2 + power, -23);
            }, float.Epsilon, Big);
            Assert.True(error <= 1, $"x^{exponent}: {error} of the stated error at {at}");
        }
        Assert.Equal(0, Simd.Pow(0f, 2f));
        Assert.Equal(1, Simd.Pow(0f, 0f));
        Assert.Equal(Inf, Simd.Pow(0f, -1f));
        Assert.Equal(NaN, Simd.Pow(-1f, 2f));
    }

    [Fact]
    public void NaNStaysNaN()
    {
        Func<Vector512<float>, Vector512<float>>[] all =
        [
            Simd.Exp, Simd.Exp2, Simd.Log, Simd.Tanh, Simd.Erf, Simd.Sigmoid, Simd.Silu, Simd.Gelu, Simd.GeluTanh,
            Simd.GeluSlope, Simd.Sin, Simd.Cos, Simd.Sqrt, Simd.Rsqrt, Simd.Reciprocal, Simd.Abs,
        ];
        for (int i = 0; i < all.Length; i++)
            for (int lane = 0; lane < 16; lane++)
            {
                Vector512<float> y = all[i](Vector512<float>.One.WithElement(lane, NaN));
                for (int j = 0; j < 16; j++) Assert.True(float.IsNaN(y[j]) == (j == lane), $"function {i}, lane {lane}, {j}");
            }
    }

    [Fact]
    public void LimitsAreExact()
    {
        Assert.Equal(Inf, Simd.Exp(Inf));
        Assert.Equal(0, Simd.Exp(-Inf));
        Assert.Equal(1, Simd.Exp(0f));
        Assert.Equal(1, Simd.Tanh(Inf));
        Assert.Equal(-1, Simd.Erf(-Inf));
        Assert.Equal(-Inf, Simd.Log(0f));
        Assert.Equal(NaN, Simd.Log(-1f));
        Assert.Equal(0, Simd.Log(1f));
        Assert.Equal(Inf, Simd.Gelu(Inf));
        Assert.Equal(0, Simd.Gelu(-Inf));
        Assert.Equal(Inf, Simd.Silu(Inf));
        Assert.True(float.IsNegative(Simd.Tanh(-0f)) && float.IsNegative(Simd.Erf(-0f)));
    }

    private static void Within(
        double ulp, Func<Vector512<float>, Vector512<float>> function, Func<double, double> reference, float low, float high)
    {
        var (error, at) = Sweep.MaxUlp(function, reference, low, high);
        Assert.True(error <= ulp, $"{error} ulp at {at:G9}");
    }
}
