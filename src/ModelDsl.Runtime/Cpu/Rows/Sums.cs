using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>Destination[0] = Factor * sum of Count floats, added in double in their order. Launched with one row.</summary>
public unsafe struct SumRows : IRowKernel
{
    public float* Source, Destination;
    public int Count;
    public float Factor;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        double sum = 0;
        for (int i = 0; i < Count; i++) sum += Source[i];
        *Destination = (float)(Factor * sum);
    }
}

/// <summary>
/// Destination[c] = sum over rows of Source[row, c], or += where Accumulate. One row of the launch is a block of
/// columns; it adds up chunks of 64 source rows, and then the chunks.
/// </summary>
public unsafe struct ColumnSum : IRowKernel
{
    private const int BlockColumns = 64, ChunkRows = 64;

    /// <summary>[SourceRows, Columns], with Stride elements from one row to the next.</summary>
    public float* Source;
    public float* Destination;
    public int SourceRows, Columns, Stride;
    public bool Accumulate;

    /// <summary>The number of rows to launch.</summary>
    public readonly int Rows => (Columns + BlockColumns - 1) / BlockColumns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        int last = Math.Min(Columns, end * BlockColumns);
        for (int column = begin * BlockColumns; column < last;)
        {
            if (last - column >= BlockColumns)
            {
                Wide(column);
                column += BlockColumns;
            }
            else
            {
                Narrow(column, last - column);
                column += Simd.Width;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Wide(int column)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        for (int chunk = 0; chunk < SourceRows; chunk += ChunkRows)
        {
            Vector512<float> e = default, f = default, g = default, h = default;
            for (int row = chunk; row < Math.Min(SourceRows, chunk + ChunkRows); row++)
            {
                float* x = Source + (long)row * Stride + column;
                e += Simd.Load(x);
                f += Simd.Load(x + 16);
                g += Simd.Load(x + 32);
                h += Simd.Load(x + 48);
            }
            a += e; b += f; c += g; d += h;
        }
        float* y = Destination + column;
        if (Accumulate)
        {
            a += Simd.Load(y); b += Simd.Load(y + 16); c += Simd.Load(y + 32); d += Simd.Load(y + 48);
        }
        Simd.Store(y, a); Simd.Store(y + 16, b); Simd.Store(y + 32, c); Simd.Store(y + 48, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Narrow(int column, int count)
    {
        Vector512<float> sum = default;
        for (int chunk = 0; chunk < SourceRows; chunk += ChunkRows)
        {
            Vector512<float> part = default;
            for (int row = chunk; row < Math.Min(SourceRows, chunk + ChunkRows); row++)
                part += Simd.Load(Source + (long)row * Stride + column, count);
            sum += part;
        }
        if (Accumulate) sum += Simd.Load(Destination + column, count);
        Simd.Store(Destination + column, sum, count);
    }
}
