using System.Runtime.Intrinsics;
using ModelDsl.Runtime;

namespace ModelDsl.Bench.Functions;

/// <summary>A function as <see cref="Simd"/> has it, and as the framework has it.</summary>
internal interface IMathFunction
{
    static abstract string Name { get; }
    static abstract Vector512<float> Ours(Vector512<float> x);
    static abstract float Scalar(float x);
    /// <summary>The framework's vector form; not a number where it has none.</summary>
    static virtual Vector512<float> Vector(Vector512<float> x) => Vector512.Create(float.NaN);
    static virtual bool HasVector => false;
}

internal readonly struct ExpFunction : IMathFunction
{
    public static string Name => "exp";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Exp(x);
    public static float Scalar(float x) => MathF.Exp(x);
    public static Vector512<float> Vector(Vector512<float> x) => Vector512.Exp(x);
    public static bool HasVector => true;
}

internal readonly struct LogFunction : IMathFunction
{
    public static string Name => "log";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Log(x);
    public static float Scalar(float x) => MathF.Log(x);
    public static Vector512<float> Vector(Vector512<float> x) => Vector512.Log(x);
    public static bool HasVector => true;
}

internal readonly struct SinFunction : IMathFunction
{
    public static string Name => "sin";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Sin(x);
    public static float Scalar(float x) => MathF.Sin(x);
    public static Vector512<float> Vector(Vector512<float> x) => Vector512.Sin(x);
    public static bool HasVector => true;
}

internal readonly struct TanhFunction : IMathFunction
{
    public static string Name => "tanh";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Tanh(x);
    public static float Scalar(float x) => MathF.Tanh(x);
}

internal readonly struct ErfFunction : IMathFunction
{
    public static string Name => "erf";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Erf(x);
    public static float Scalar(float x) => float.NaN;
}

internal readonly struct SigmoidFunction : IMathFunction
{
    public static string Name => "sigmoid";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Sigmoid(x);
    public static float Scalar(float x) => 1 / (1 + MathF.Exp(-x));
}

internal readonly struct SiluFunction : IMathFunction
{
    public static string Name => "SiLU";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Silu(x);
    public static float Scalar(float x) => x / (1 + MathF.Exp(-x));
}

internal readonly struct GeluFunction : IMathFunction
{
    public static string Name => "GELU";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Gelu(x);
    public static float Scalar(float x) => float.NaN;
}

internal readonly struct GeluSlopeFunction : IMathFunction
{
    public static string Name => "slope of GELU";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.GeluSlope(x);
    public static float Scalar(float x) => float.NaN;
}

internal readonly struct GeluTanhFunction : IMathFunction
{
    public static string Name => "GELU, tanh form";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.GeluTanh(x);
    public static float Scalar(float x) => 0.5f * x * (1 + MathF.Tanh(0.797884561f * (x + 0.044715f * x * x * x)));
}

internal readonly struct RsqrtFunction : IMathFunction
{
    public static string Name => "1 / sqrt";
    public static Vector512<float> Ours(Vector512<float> x) => Simd.Rsqrt(x);
    public static float Scalar(float x) => 1 / MathF.Sqrt(x);
}
