using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>Output[row] = Table[Ids[row]]. One row is one token; the ids must lie in the table.</summary>
public unsafe struct EmbeddingGather : IRowKernel
{
    /// <summary>[V, Width] and [rows, Width].</summary>
    public float* Table, Output;
    public int* Ids;
    public int Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
            Buffer.MemoryCopy(Table + (long)Ids[row] * Width, Output + (long)row * Width, 4L * Width, 4L * Width);
    }
}

/// <summary>
/// TableGradient[Ids[t]] += Gradient[t] for t = 0 .. Tokens - 1. One row is a block of columns, which goes through all
/// tokens in their order: no two threads meet, repeated ids add up in a fixed order.
/// </summary>
public unsafe struct EmbeddingScatterAdd : ISizedRowKernel
{
    private const int BlockColumns = 64;

    /// <summary>[V, Width] and [Tokens, Width].</summary>
    public float* TableGradient, Gradient;
    public int* Ids;
    public int Tokens, Width;

    /// <summary>The number of rows to launch.</summary>
    public readonly int Rows => (Width + BlockColumns - 1) / BlockColumns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        int first = begin * BlockColumns, columns = Math.Min(Width, end * BlockColumns) - first;
        for (int t = 0; t < Tokens; t++)
        {
            float* from = Gradient + (long)t * Width + first, to = TableGradient + (long)Ids[t] * Width + first;
            for (int i = 0; i < columns; i += Simd.Width)
                Simd.Store(to + i, Simd.Load(to + i, columns - i) + Simd.Load(from + i, columns - i), columns - i);
        }
    }
}
