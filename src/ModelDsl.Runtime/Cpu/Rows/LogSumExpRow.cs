using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>log sum exp of one row, read once from memory.</summary>
/// <remarks>
/// In chunks that fit the first-level cache: the chunk's maximum, then its exponentials; the running sum is rescaled
/// only where a chunk raises the maximum (Milakov and Gimelshein, 2018). The result is log(sum) + maximum.
/// </remarks>
public static unsafe class LogSumExpRow
{
    private const int Chunk = 1024;

    /// <summary>NaN if any element is; -infinity for a row that is empty or all -infinity.</summary>
    public static float Of(float* row, int count)
    {
        float maximum = float.NegativeInfinity;
        Vector512<float> sum = Vector512<float>.Zero;
        for (int begin = 0; begin < count; begin += Chunk)
        {
            float* chunk = row + begin;
            int length = Math.Min(Chunk, count - begin);
            float raised = Simd.Max(maximum, Maximum(chunk, length));
            if (raised == float.NegativeInfinity) continue;
            if (raised != maximum) sum *= Simd.Splat(Simd.Exp(maximum - raised));
            maximum = raised;
            sum += SumExp(chunk, length, maximum);
        }
        return maximum == float.NegativeInfinity ? maximum : Simd.Log(Simd.Sum(sum)) + maximum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Maximum(float* x, int count)
    {
        Vector512<float> a = Simd.Splat(float.NegativeInfinity), b = a;
        int i = 0;
        for (; i + 2 * Simd.Width <= count; i += 2 * Simd.Width)
        {
            a = Simd.Max(a, Simd.Load(x + i));
            b = Simd.Max(b, Simd.Load(x + i + Simd.Width));
        }
        for (; i < count; i += Simd.Width)
            a = Simd.Max(a, Simd.Keep(Simd.Load(x + i, count - i), count - i, float.NegativeInfinity));
        return Simd.Maximum(Simd.Max(a, b));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> SumExp(float* x, int count, float maximum)
    {
        Vector512<float> shift = Simd.Splat(maximum), a = Vector512<float>.Zero, b = a;
        int i = 0;
        for (; i + 2 * Simd.Width <= count; i += 2 * Simd.Width)
        {
            a += Simd.Exp(Simd.Load(x + i) - shift);
            b += Simd.Exp(Simd.Load(x + i + Simd.Width) - shift);
        }
        for (; i < count; i += Simd.Width)
            a += Simd.Keep(Simd.Exp(Simd.Load(x + i, count - i) - shift), count - i);
        return a + b;
    }
}
