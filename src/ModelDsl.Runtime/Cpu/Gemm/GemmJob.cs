using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>One matrix product, C[M, N] (+)= A[M, K] B[K, N], and how it is cut over threads.</summary>
internal unsafe struct GemmJob
{
    public int M, N, K;
    public Matrix A, B, C;
    public bool Accumulate;
    /// <summary>Called with (state, row, rows, column, columns) for each finished rectangle; may be null.</summary>
    public delegate*<void*, int, int, int, int, void> Epilogue;
    public void* EpilogueState;

    public GemmTile Tile;
    public float* Scratch;
    public int RowParts, ColumnParts;

    /// <summary>The parts that threads have taken.</summary>
    public int Taken;

    // In multiply-adds of a register tile: what packing one element costs, and handing work to another thread.
    private const double PackCost = 12, CallCost = 100_000;

    // More parts than threads let a thread that was held up be helped by the others.
    private const int MaxPartsAThread = 4;
    private const double PriceOfEvenness = 1.02;

    /// <summary>
    /// Chooses the grid of parts, several for each thread where that costs little in repeated packing and uneven parts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ChooseGrid(int threads)
    {
        RowParts = ColumnParts = 1;
        if (threads == 1)
            return;
        double whole = GridCost(1, 1), least = double.PositiveInfinity;
        for (int partsAThread = 1; partsAThread <= MaxPartsAThread; partsAThread *= 2)
        {
            double limit = least * PriceOfEvenness, best = double.PositiveInfinity;
            int parts = threads * partsAThread, bestRows = 1;
            for (int rowParts = 1; rowParts <= parts; rowParts++)
                if (partsAThread * GridCost(rowParts, parts / rowParts) is var cost && cost < best)
                    (best, bestRows) = (cost, rowParts);
            if (best > limit || best + CallCost >= whole)
                return;
            (RowParts, ColumnParts) = (bestRows, parts / bestRows);
            least = Math.Min(least, best);
        }
    }

    /// <summary>The first row of part i of the grid; a multiple of the tile's rows.</summary>
    public readonly int RowBegin(int i) => Begin(M, RowParts, Tile.Rows, i);

    /// <summary>The first column of part j of the grid; a multiple of the tile's columns.</summary>
    public readonly int ColumnBegin(int j) => Begin(N, ColumnParts, Tile.MaxColumns, j);

    /// <summary>K in equal blocks; follows from K alone.</summary>
    public readonly int KBlock()
    {
        int blocks = Math.Max(1, (K + Gemm.MaxK - 1) / Gemm.MaxK);
        return Math.Max(1, ((K + blocks - 1) / blocks + 15) / 16 * 16);
    }

    private static int Begin(int size, int parts, int unit, int i)
    {
        long units = (size + unit - 1) / unit;
        return (int)Math.Min(size, units * i / parts * unit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly double GridCost(int rowParts, int columnParts)
    {
        double rows = Largest(M, rowParts, Tile.Rows), columns = Largest(N, columnParts, Tile.MaxColumns);
        double packed = columns + (A.Transposed ? rows : 0);
        return K * (rows * columns + PackCost * packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Largest(int size, int parts, int unit)
    {
        int units = (size + unit - 1) / unit;
        return Math.Min(size, (units + parts - 1) / parts * unit);
    }
}
