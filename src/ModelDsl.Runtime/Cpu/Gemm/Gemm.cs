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

    /// <summary>Floats of scratch that one part needs.</summary>
    public const int ScratchFloats = PackedB + PackedA + SpareTile;

    private const int PackedB = MaxK * MaxColumns, PackedA = (MaxRows + 8) * (MaxK + PanelGap), SpareTile = 8 * 64;
    private const int PanelGap = 16;

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
        pool.Run(&RunPart, Unsafe.AsPointer(ref job), job.RowParts * job.ColumnParts);
    }

    private static void RunPart(void* state, int part)
    {
        ref GemmJob job = ref *(GemmJob*)state;
        int i = part / job.ColumnParts, j = part % job.ColumnParts;
        int rowBegin = job.RowBegin(i), rowEnd = job.RowBegin(i + 1);
        int columnBegin = job.ColumnBegin(j), columnEnd = job.ColumnBegin(j + 1);
        if (rowBegin < rowEnd && columnBegin < columnEnd)
            Multiply(job, job.Scratch + (nint)part * ScratchFloats, rowBegin, rowEnd, columnBegin, columnEnd);
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
                        Row = row,
                        Rows = Math.Min(MaxRows, rowEnd - row),
                        Column = column,
                        Columns = columns,
                        K = k,
                        Depth = depth,
                        PackB = row == rowBegin,
                        KeepB = rowEnd - rowBegin > MaxRows,
                        Last = k + depth >= job.K,
                    };
                    MultiplyBlock(job, block, scratch);
                }
                k += depth;
            }
            while (k < job.K);
        }
    }

    /// <summary>Rows x Columns of C over one K block; the first block of rows packs each panel just before its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyBlock(in GemmJob job, in GemmBlock block, float* scratch)
    {
        float* packedB = scratch, packedA = packedB + PackedB, spare = packedA + PackedA;
        int tileRows = job.Tile.Rows;
        PackA(job, block, packedA);

        int width;
        for (int j = 0; j < block.Columns; j += width)
        {
            int left = block.Columns - j;
            width = PanelWidth(job.Tile, left);
            int columns = Math.Min(width, left);
            float* panel = packedB + (block.KeepB ? j * (nint)block.Depth : 0);
            if (block.PackB)
                PackPanel(job, block, block.Column + j, columns, panel, width);

            var multiply = job.Tile.ForWidth(width);
            var tile = new TileArguments { B = panel, K = block.Depth };
            var fetch = FetchAfter(job, block, j + width);
            for (int i = 0; i < block.Rows; i += tileRows)
            {
                int rows = Math.Min(tileRows, block.Rows - i);
                if (job.A.Transposed || rows < tileRows)
                {
                    tile.A = packedA + (job.A.Transposed ? i / tileRows * PanelStride(job, block) : 0);
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
                bool accumulate = job.Accumulate || block.K > 0;
                bool whole = rows == tileRows && columns == width;
                tile.C = whole ? c : spare;
                tile.CRow = whole ? job.C.Stride : width;
                tile.Accumulate = whole && accumulate;
                fetch.Next(ref tile);
                multiply(tile);
                if (!whole)
                    CopyPartOfTile(spare, width, c, job.C.Stride, rows, columns, accumulate);
            }
            if (block.Last && job.Epilogue != null)
                job.Epilogue(job.EpilogueState, block.Row, block.Rows, block.Column + j, columns);
        }
    }

    /// <summary>
    /// The widest tile, except that one column more than it fills becomes two tiles of about half: a tile of one vector
    /// waits for its sums.
    /// </summary>
    internal static int PanelWidth(in GemmTile tile, int columns)
    {
        int vectors = (columns + tile.Vector - 1) / tile.Vector;
        if (vectors == tile.MaxVectors + 1 && tile.MaxVectors > 2)
            return (tile.MaxVectors - 1) * tile.Vector;
        return Math.Min(vectors, tile.MaxVectors) * tile.Vector;
    }

    private static void PackPanel(in GemmJob job, in GemmBlock block, int column, int columns, float* panel, int width)
    {
        nint stride = job.B.Stride;
        if (job.B.Transposed)
            job.Tile.PackTransposed(job.B.Data + column * stride + block.K, stride, columns, block.Depth, panel, width);
        else
            GemmPacking.Copy(job.B.Data + block.K * stride + column, stride, block.Depth, columns, panel, width);
    }

    /// <summary>The panel that will be packed after this one: the next columns, or the first of the next K block.</summary>
    private static PanelFetch FetchAfter(in GemmJob job, in GemmBlock block, int column)
    {
        int k = block.K;
        if (column >= block.Columns)
        {
            column = 0;
            k += block.Depth;
        }
        if (!block.PackB || k >= job.K)
            return default;
        int columns = Math.Min(job.Tile.MaxColumns, block.Columns - column);
        return new PanelFetch(job.B, k, block.Column + column, Math.Min(block.Depth, job.K - k), columns, block.Depth);
    }

    /// <summary>Packs all rows of a transposed A, else only those of the last, incomplete tile.</summary>
    private static void PackA(in GemmJob job, in GemmBlock block, float* packed)
    {
        int tileRows = job.Tile.Rows;
        nint stride = job.A.Stride;
        if (job.A.Transposed)
            GemmPacking.CopyPanels(
                job.A.Data + block.K * stride + block.Row, stride, block.Depth, block.Rows, packed, tileRows,
                PanelStride(job, block));
        else if (block.Rows % tileRows is var rest && rest != 0)
            job.Tile.PackTransposed(
                job.A.Data + (block.Row + block.Rows - rest) * stride + block.K, stride, rest, block.Depth,
                packed, tileRows);
    }

    /// <summary>
    /// Floats from one packed panel of A to the next. The line between them keeps the panels, which are written side by
    /// side, from falling into the same sets of the cache.
    /// </summary>
    private static nint PanelStride(in GemmJob job, in GemmBlock block) => job.Tile.Rows * (nint)block.Depth + PanelGap;

    private static void CopyPartOfTile(
        float* from, int width, float* c, nint stride, int rows, int columns, bool accumulate)
    {
        for (int i = 0; i < rows; i++, from += width, c += stride)
        {
            if (accumulate)
                for (int j = 0; j < columns; j++)
                    c[j] += from[j];
            else
                for (int j = 0; j < columns; j++)
                    c[j] = from[j];
        }
    }

    private struct GemmBlock
    {
        public int Row, Rows, Column, Columns, K, Depth;
        public bool PackB, KeepB, Last;
    }
}
