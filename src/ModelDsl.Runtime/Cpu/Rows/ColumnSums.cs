using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Sums over rows into columns, the same bits for every number of threads: rows are cut into <see cref="Chunks"/> runs, a
/// kernel sums each run into a row of its own, and <see cref="AddPartials"/> adds those up in order.
/// </summary>
public static class ColumnSums
{
    public const int Chunks = 32;

    /// <summary>The first row of a chunk; of chunk <see cref="Chunks"/>, the number of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstRow(int chunk, int rows) => (int)((long)rows * chunk / Chunks);
}

/// <summary>Destination[c] = sum over chunks of Partials[chunk, c], or += where Accumulate. One row is a block of columns.</summary>
public unsafe struct AddPartials : ISizedRowKernel
{
    private const int BlockColumns = 256;

    public float* Partials, Destination;
    public int Columns;
    public bool Accumulate;

    /// <summary>The number of rows to launch.</summary>
    public readonly int Rows => (Columns + BlockColumns - 1) / BlockColumns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        int last = Math.Min(Columns, end * BlockColumns);
        for (int column = begin * BlockColumns; column < last; column += Simd.Width)
        {
            int left = last - column;
            var sum = Accumulate ? Simd.Load(Destination + column, left) : default;
            for (int chunk = 0; chunk < ColumnSums.Chunks; chunk++)
                sum += Simd.Load(Partials + (long)chunk * Columns + column, left);
            Simd.Store(Destination + column, sum, left);
        }
    }
}
