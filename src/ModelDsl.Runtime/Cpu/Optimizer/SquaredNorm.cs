using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Partial[chunk] = sum of squares of a chunk of a flat buffer, in double: no gradient overflows it. One row is a chunk;
/// <see cref="Total"/> then adds the chunks in their order.
/// </summary>
public unsafe struct SquaredNorm : IRowKernel
{
    private const int ChunkElements = 16384;

    public float* Values;
    public long Count;
    /// <summary>One for each row.</summary>
    public double* Partial;

    /// <summary>The number of rows to launch.</summary>
    public readonly int Rows => RowsOf(Count);

    /// <summary>The number of rows, and of partial sums, for <paramref name="count"/> elements.</summary>
    public static int RowsOf(long count) => (int)((count + ChunkElements - 1) / ChunkElements);

    /// <summary>The sum of squares, once every row has run.</summary>
    public readonly double Total()
    {
        double sum = 0;
        for (int i = 0; i < Rows; i++) sum += Partial[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        for (int chunk = begin; chunk < end; chunk++)
        {
            float* x = Values + (long)chunk * ChunkElements;
            int count = (int)Math.Min(ChunkElements, Count - (long)chunk * ChunkElements);
            Vector512<double> a = default, b = default;
            for (int i = 0; i < count; i += Simd.Width)
            {
                (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Simd.Load(x + i, count - i));
                a += low * low;
                b += high * high;
            }
            Partial[chunk] = Sum(a + b);
        }
    }

    private static double Sum(Vector512<double> v)
    {
        double sum = 0;
        for (int i = 0; i < 8; i++) sum += v[i];
        return sum;
    }
}
