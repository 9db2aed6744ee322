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

    // Cycles of the parts that decide the cut, in multiply-adds of a register tile.
    private const double PackCost = 12, CallCost = 100_000;

    /// <summary>
    /// The grid of at most <paramref name="threads"/> parts that takes the least time: the largest part's multiply-adds
    /// and its packing, which a cut repeats.
    /// </summary>
    public void ChooseGrid(int threads)
    {
        double best = double.PositiveInfinity;
        for (int rowParts = 1; rowParts <= threads; rowParts++)
        {
            int columnParts = threads / rowParts;
            double cost = GridCost(rowParts, columnParts);
            if (cost < best)
            {
                best = cost;
                RowParts = rowParts;
                ColumnParts = columnParts;
            }
        }
        if (GridCost(1, 1) <= best + CallCost)
            RowParts = ColumnParts = 1;
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

    private readonly double GridCost(int rowParts, int columnParts)
    {
        double rows = Largest(M, rowParts, Tile.Rows), columns = Largest(N, columnParts, Tile.MaxColumns);
        double packed = columns + (A.Transposed ? rows : 0);
        return K * (rows * columns + PackCost * packed);
    }

    private static double Largest(int size, int parts, int unit)
    {
        int units = (size + unit - 1) / unit;
        return Math.Min(size, (units + parts - 1) / parts * unit);
    }
}
