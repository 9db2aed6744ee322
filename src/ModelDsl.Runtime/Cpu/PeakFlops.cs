using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>The processor's fp32 multiply-add peak, measured: what shares of peak are shares of.</summary>
public static unsafe class PeakFlops
{
    private const int Milliseconds = 50, Iterations = 20_000, Chains = 12; // at least latency times throughput; with their operand they fit sixteen registers

    /// <summary>Floating-point operations a second (a multiply-add is two) on so many threads; takes about 50 ms.</summary>
    public static double Measure(int threads = 0)
    {
        using var pool = new WorkerPool(threads);
        float* sums = stackalloc float[pool.Threads];
        double best = double.PositiveInfinity;
        long measuring = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(measuring).TotalMilliseconds < Milliseconds)
        {
            long begin = Stopwatch.GetTimestamp();
            pool.Run(&RunChains, sums, pool.Threads);
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        int width = CpuInfo.BestIsa switch { CpuIsa.Avx512 => 16, CpuIsa.Avx2 => 8, _ => 4 };
        return 2.0 * Iterations * Chains * width * pool.Threads / best;
    }

    private static void RunChains(void* sums, int part)
    {
        ((float*)sums)[part] = CpuInfo.BestIsa switch
        {
            CpuIsa.Avx512 => Chains512(0.5f),
            CpuIsa.Avx2 => Chains256(0.5f),
            _ => Chains128(0.5f),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains512(float seed)
    {
        var x = Vector512.Create(seed);
        Vector512<float> c0 = x, c1 = x, c2 = x, c3 = x;
        Vector512<float> c4 = x, c5 = x, c6 = x, c7 = x;
        Vector512<float> c8 = x, c9 = x, c10 = x, c11 = x;
        for (int i = 0; i < Iterations; i++)
        {
            c0 = Vector512.FusedMultiplyAdd(c0, x, x);
            c1 = Vector512.FusedMultiplyAdd(c1, x, x);
            c2 = Vector512.FusedMultiplyAdd(c2, x, x);
            c3 = Vector512.FusedMultiplyAdd(c3, x, x);
            c4 = Vector512.FusedMultiplyAdd(c4, x, x);
            c5 = Vector512.FusedMultiplyAdd(c5, x, x);
            c6 = Vector512.FusedMultiplyAdd(c6, x, x);
            c7 = Vector512.FusedMultiplyAdd(c7, x, x);
            c8 = Vector512.FusedMultiplyAdd(c8, x, x);
            c9 = Vector512.FusedMultiplyAdd(c9, x, x);
            c10 = Vector512.FusedMultiplyAdd(c10, x, x);
            c11 = Vector512.FusedMultiplyAdd(c11, x, x);
        }
        return Vector512.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains256(float seed)
    {
        var x = Vector256.Create(seed);
        Vector256<float> c0 = x, c1 = x, c2 = x, c3 = x;
        Vector256<float> c4 = x, c5 = x, c6 = x, c7 = x;
        Vector256<float> c8 = x, c9 = x, c10 = x, c11 = x;
        for (int i = 0; i < Iterations; i++)
        {
            c0 = Vector256.FusedMultiplyAdd(c0, x, x);
            c1 = Vector256.FusedMultiplyAdd(c1, x, x);
            c2 = Vector256.FusedMultiplyAdd(c2, x, x);
            c3 = Vector256.FusedMultiplyAdd(c3, x, x);
            c4 = Vector256.FusedMultiplyAdd(c4, x, x);
            c5 = Vector256.FusedMultiplyAdd(c5, x, x);
            c6 = Vector256.FusedMultiplyAdd(c6, x, x);
            c7 = Vector256.FusedMultiplyAdd(c7, x, x);
            c8 = Vector256.FusedMultiplyAdd(c8, x, x);
            c9 = Vector256.FusedMultiplyAdd(c9, x, x);
            c10 = Vector256.FusedMultiplyAdd(c10, x, x);
            c11 = Vector256.FusedMultiplyAdd(c11, x, x);
        }
        return Vector256.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains128(float seed)
    {
        var x = Vector128.Create(seed);
        Vector128<float> c0 = x, c1 = x, c2 = x, c3 = x;
        Vector128<float> c4 = x, c5 = x, c6 = x, c7 = x;
        Vector128<float> c8 = x, c9 = x, c10 = x, c11 = x;
        for (int i = 0; i < Iterations; i++)
        {
            c0 = Vector128.MultiplyAddEstimate(c0, x, x);
            c1 = Vector128.MultiplyAddEstimate(c1, x, x);
            c2 = Vector128.MultiplyAddEstimate(c2, x, x);
            c3 = Vector128.MultiplyAddEstimate(c3, x, x);
            c4 = Vector128.MultiplyAddEstimate(c4, x, x);
            c5 = Vector128.MultiplyAddEstimate(c5, x, x);
            c6 = Vector128.MultiplyAddEstimate(c6, x, x);
            c7 = Vector128.MultiplyAddEstimate(c7, x, x);
            c8 = Vector128.MultiplyAddEstimate(c8, x, x);
            c9 = Vector128.MultiplyAddEstimate(c9, x, x);
            c10 = Vector128.MultiplyAddEstimate(c10, x, x);
            c11 = Vector128.MultiplyAddEstimate(c11, x, x);
        }
        return Vector128.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    }
}
