using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Measuring;

/// <summary>How fast so many threads read memory that is in no cache: what a decoded token's weights come at.</summary>
internal static unsafe class ReadBandwidth
{
    private const long Bytes = 512L << 20;
    private const int BlockFloats = 1 << 16;

    /// <summary>Bytes a second, the best of several passes over half a gigabyte.</summary>
    public static double Measure(CpuDevice device, int passes = 8)
    {
        using var memory = device.Allocate(Bytes);
        // Memory that nobody has written is one page of zeros, which the caches hold.
        new Span<float>((void*)memory.Pointer, (int)(Bytes / sizeof(float))).Fill(1);
        int blocks = (int)(Bytes / sizeof(float) / BlockFloats);
        using var sums = device.Allocate(blocks * sizeof(float));
        var kernel = new ReadKernel { Source = (float*)memory.Pointer, Sums = (float*)sums.Pointer };
        double best = double.PositiveInfinity;
        for (int pass = 0; pass < passes; pass++)
        {
            long begin = Stopwatch.GetTimestamp();
            device.Launch(kernel, blocks);
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        return Bytes / best;
    }

    /// <summary>One row is one block, read once.</summary>
    private struct ReadKernel : IRowKernel
    {
        public float* Source, Sums;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int begin, int end)
        {
            for (int row = begin; row < end; row++)
            {
                float* block = Source + (long)row * BlockFloats;
                Vector512<float> a = default, b = default, c = default, d = default;
                for (int i = 0; i < BlockFloats; i += 4 * Simd.Width)
                {
                    a += Simd.Load(block + i);
                    b += Simd.Load(block + i + Simd.Width);
                    c += Simd.Load(block + i + 2 * Simd.Width);
                    d += Simd.Load(block + i + 3 * Simd.Width);
                }
                Sums[row] = Simd.Sum(a + b + (c + d));
            }
        }
    }
}
