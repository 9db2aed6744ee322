using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// The packed matrix product (after Goto and van de Geijn, 2008): B goes through a panel buffer, K in blocks; rows of A
/// are read where they stand, a transposed A is packed. The matrix is cut over threads along M and N only and K at
/// places that follow from K alone, so every element is summed in one order whatever the number of threads.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>The longest K block; the panel of B that a tile reads is this by its width.</summary>
    public const int MaxK = 384;

    /// <summary>Rows that pass over a panel of B while it is in cache.</summary>
    public const int MaxRows = 256;

    /// <summary>Columns of B that are packed at a time.</summary>
    public const int MaxColumns = 1536;

    /// <summary>Floats between packed panels of A.</summary>
    public const int PanelGap = 16;

    /// <summary>Floats of scratch that one thread needs.</summary>
    public const int ScratchFloats = PackedB + PackedA + SpareTile;

    private const int PackedB = MaxK * MaxColumns, PackedA = (MaxRows + 8) * (MaxK + PanelGap), SpareTile = 8 * 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(WorkerPool pool, in GemmTile tile, float* scratch, ref GemmJob job)
    {
        job.Tile = tile;
        job.Scratch = scratch;
        if (SmallGemm.Fits(job))
        {
            SmallGemm.Run(pool, scratch, ref job);
            return;
        }
        job.ChooseGrid(pool.Threads);
        pool.Run(&TakeParts, Unsafe.AsPointer(ref job), Math.Min(pool.Threads, job.RowParts * job.ColumnParts));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeParts(void* state, int slot)
    {
        ref GemmJob job = ref *(GemmJob*)state;
        float* scratch = job.Scratch + (nint)slot * ScratchFloats;
        for (int part; (part = Interlocked.Increment(ref job.Taken) - 1) < job.RowParts * job.ColumnParts;)
        {
            int i = part / job.ColumnParts, j = part % job.ColumnParts;
            Multiply(
                job, scratch, job.RowBegin(i), job.RowBegin(i + 1), job.ColumnBegin(j), job.ColumnBegin(j + 1));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(in GemmJob job, float* scratch, int rowBegin, int rowEnd, int columnBegin, int columnEnd)
    {
        int kBlock = job.KBlock();
        for (int column = columnBegin; column < columnEnd; column += MaxColumns)
        {
            int columns = Math.Min(MaxColumns, columnEnd - column);
            int k = 0;
            do
            {
                int depth = Math.Min(kBlock, job.K - k);
                for (int row = rowBegin; row < rowEnd; row += MaxRows)
                {
                    var block = new GemmBlock
                    {
                        RowBegin = rowBegin, RowEnd = rowEnd, Row = row, Column = column, Columns = columns,
                        K = k, Depth = depth,
                    };
                    MultiplyBlock(job, block, scratch);
                }
                k += depth;
            }
            while (k < job.K);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyBlock(in GemmJob job, in GemmBlock block, float* scratch)
    {
        float* packedB = scratch, packedA = packedB + PackedB, spare = packedA + PackedA;
        PackA(job, block, packedA);

        var fetch = FetchAhead.Rows(job, block);
        bool last = block.K + block.Depth >= job.K;
        int width;
        for (int j = 0; j < block.Columns; j += width)
        {
            int left = block.Columns - j;
            width = PanelWidth(job.Tile, left);
            int columns = Math.Min(width, left);
            float* panel = packedB + (block.KeepsB ? j * (nint)block.Depth : 0);
            nint panelRow = width;
            if (!block.KeepsB && columns == width && ReadsInPlace(job.B))
            {
                panel = job.B.Data + block.K * (nint)job.B.Stride + block.Column + j;
                panelRow = job.B.Stride;
            }
            else if (block.PacksB)
            {
                PackPanel(job, block, block.Column + j, columns, panel, width);
            }
            if (block.PacksB)
                fetch = FetchAhead.Panel(job, block, j + width);
            MultiplyPanel(job, block, packedA, panel, panelRow, width, j, columns, spare, ref fetch);
            if (last && job.Epilogue != null)
                job.Epilogue(job.EpilogueState, block.Row, block.Rows, block.Column + j, columns);
        }
    }

    /// <summary>All rows of the block with one panel of B: columns [j, j + columns) of the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPanel(
        in GemmJob job, in GemmBlock block, float* packedA, float* panel, nint panelRow, int width, int j, int columns,
        float* spare, ref FetchAhead fetch)
    {
        int tileRows = job.Tile.Rows;
        nint panelStrideA = block.PanelStrideA(tileRows);
        bool accumulate = job.Accumulate || block.K > 0;
        var multiply = job.Tile.ForWidth(width);
        var tile = new TileArguments { B = panel, BRow = panelRow, K = block.Depth };
        for (int i = 0; i < block.Rows; i += tileRows)
        {
            int rows = Math.Min(tileRows, block.Rows - i);
            if (job.A.Transposed || rows < tileRows)
            {
                tile.A = packedA + (job.A.Transposed ? i / tileRows * panelStrideA : 0);
                tile.ARow = 1;
                tile.AColumn = tileRows;
            }
            else
            {
                tile.A = job.A.Data + (block.Row + i) * (nint)job.A.Stride + block.K;
                tile.ARow = job.A.Stride;
                tile.AColumn = 1;
            }
            float* c = job.C.Data + (block.Row + i) * (nint)job.C.Stride + block.Column + j;
            bool whole = rows == tileRows && columns == width;
            tile.C = whole ? c : spare;
            tile.CRow = whole ? job.C.Stride : width;
            tile.Accumulate = whole && accumulate;
            fetch.Next(ref tile);
            multiply(tile);
            if (!whole)
                CopyPartOfTile(spare, width, c, job.C.Stride, rows, columns, accumulate);
        }
    }

    /// <summary>
    /// The widest tile, except that one column more than it fills becomes two tiles of about half: a tile of one vector
    /// waits for its sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int PanelWidth(in GemmTile tile, int columns)
    {
        int vectors = (columns + tile.Vector - 1) / tile.Vector;
        if (vectors == tile.MaxVectors + 1 && tile.MaxVectors > 2)
            return (tile.MaxVectors - 1) * tile.Vector;
        return Math.Min(vectors, tile.MaxVectors) * tile.Vector;
    }

    /// <summary>
    /// Whether tiles may read B where it stands, which pays for a panel that one block of rows alone passes over: its
    /// rows begin at cache lines, and are not a distance apart that puts them into few sets of the cache.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool ReadsInPlace(Matrix b) =>
        !b.Transposed && (nint)b.Data % 64 == 0 && b.Stride % 16 == 0 && b.Stride % 512 != 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPanel(in GemmJob job, in GemmBlock block, int column, int columns, float* panel, int width)
    {
        nint stride = job.B.Stride;
        if (job.B.Transposed)
            job.Tile.PackTransposed(job.B.Data + column * stride + block.K, stride, columns, block.Depth, panel, width);
        else
            GemmPacking.Copy(job.B.Data + block.K * stride + column, stride, block.Depth, columns, panel, width);
    }

    /// <summary>Packs all rows of a transposed A, else only those of the last, incomplete tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackA(in GemmJob job, in GemmBlock block, float* packed)
    {
        int tileRows = job.Tile.Rows;
        nint stride = job.A.Stride;
        if (job.A.Transposed)
            GemmPacking.CopyPanels(
                job.A.Data + block.K * stride + block.Row, stride, block.Depth, block.Rows, packed, tileRows,
                block.PanelStrideA(tileRows));
        else if (block.Rows % tileRows is var rest && rest != 0)
            job.Tile.PackTransposed(
                job.A.Data + (block.Row + block.Rows - rest) * stride + block.K, stride, rest, block.Depth,
                packed, tileRows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyPartOfTile(
        float* from, int width, float* c, nint stride, int rows, int columns, bool accumulate)
    {
        for (int i = 0; i < rows; i++, from += width, c += stride)
            for (int j = 0; j < columns; j += Simd.Width)
            {
                var sum = Simd.Load(from + j, width - j);
                Simd.Store(c + j, accumulate ? Simd.Load(c + j, columns - j) + sum : sum, columns - j);
            }
    }
}
