using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime;

/// <summary>
/// Sixteen floats at a time: the vocabulary of the emitted row kernels. A machine with narrower vectors runs the same
/// code, split by the JIT into halves or quarters, with the same bits. Scalars go through lane 0 of the vector form,
/// so a row's scalar and a row's vector agree to the bit.
/// </summary>
/// <remarks>
/// This file holds the arithmetic that is exact or rounded once. An error in ulp is the distance from the true value
/// in units of the last place of the float nearest to it; where a function states one, a test sweeps it.
/// </remarks>
public static partial class Simd
{
    /// <summary>Floats in a vector.</summary>
    public const int Width = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Splat(float x) => Vector512.Create(x);

    /// <summary>0, 1, ..., 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Iota() =>
        Vector512.Create(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f, 10f, 11f, 12f, 13f, 14f, 15f);

    /// <summary>start, start + 1, ..., start + 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Iota(int start) => Iota() + Splat(start);

    /// <summary>x without its fraction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Truncate(Vector512<float> x) => Vector512.Truncate(x);

    public static float Truncate(float x) => MathF.Truncate(x);

    /// <summary>a * b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.IsSupported ? Avx512F.FusedMultiplyAdd(a, b, c) : Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Abs(Vector512<float> x) => Vector512.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> x) => Vector512.Sqrt(x);

    /// <summary>1 / x by a true division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Reciprocal(Vector512<float> x) => Vector512<float>.One / x;

    /// <summary>1 / sqrt(x) by a true root and division, at most 1 ulp; not the hardware's estimate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Rsqrt(Vector512<float> x) => Vector512<float>.One / Vector512.Sqrt(x);

    public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);
    public static float Abs(float x) => MathF.Abs(x);
    public static float Sqrt(float x) => MathF.Sqrt(x);
    public static float Reciprocal(float x) => 1 / x;
    public static float Rsqrt(float x) => 1 / MathF.Sqrt(x);
}
