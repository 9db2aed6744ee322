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

    private const int PackedB = MaxK * MaxColumns, PackedA = (MaxK + 16) * (MaxRows + 16), SpareTile = 16 * 64;

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
            var ahead = Ahead.Of(job, block, j + width);
            for (int i = 0; i < block.Rows; i += tileRows)
            {
                int rows = Math.Min(tileRows, block.Rows - i);
                if (job.A.Transposed || rows < tileRows)
                {
                    tile.A = packedA + (job.A.Transposed ? i / tileRows * APanel(job, block) : 0);
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
                ahead.Take(ref tile);
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

    /// <summary>Packs all rows of a transposed A, else only those of the last, incomplete tile.</summary>
    private static void PackA(in GemmJob job, in GemmBlock block, float* packed)
    {
        int tileRows = job.Tile.Rows;
        nint stride = job.A.Stride;
        if (job.A.Transposed)
        {
            if (tileRows == 8)
                GemmPacking.CopyBy8(job.A.Data + block.K * stride + block.Row, stride, block.Depth, block.Rows, packed, APanel(job, block));
            else
            for (int i = 0; i < block.Rows; i += tileRows, packed += APanel(job, block))
                GemmPacking.Copy(
                    job.A.Data + block.K * stride + block.Row + i, stride, block.Depth,
                    Math.Min(tileRows, block.Rows - i), packed, tileRows);
        }
        else if (block.Rows % tileRows is var rest && rest != 0)
        {
            job.Tile.PackTransposed(
                job.A.Data + (block.Row + block.Rows - rest) * stride + block.K, stride, rest, block.Depth,
                packed, tileRows);
        }
    }

    private static nint APanel(in GemmJob job, in GemmBlock block) => job.Tile.Rows * (nint)block.Depth + 16;

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

    /// <summary>Walks over the part of B that will be packed next, a slice for each tile.</summary>
    private struct Ahead
    {
        private const int Line = 16;
        private float* _next, _end;
        private nint _row, _step, _slice;
        private float* _second;

        public static Ahead Of(in GemmJob job, in GemmBlock block, int column)
        {
            if (!block.PackB)
                return default;
            int k = block.K;
            if (column >= block.Columns)
            {
                column = 0;
                k += block.Depth;
                if (k >= job.K)
                    return default;
            }
            int depth = Math.Min(block.Depth, job.K - k), columns = Math.Min(job.Tile.MaxColumns, block.Columns - column);
            nint stride = job.B.Stride;
            int steps = block.Depth / TileArguments.AheadSpan;
            if (job.B.Transposed)
            {
                float* begin = job.B.Data + (block.Column + column) * stride + k;
                return new Ahead { _next = begin, _end = begin + columns * stride, _row = stride, _step = Line, _slice = 2 * stride };
            }
            else
            {
                float* begin = job.B.Data + k * stride + block.Column + column;
                return new Ahead
                {
                    _next = begin, _end = begin + depth * stride, _row = Line, _step = stride, _slice = steps * stride,
                    _second = begin + 2 * Line,
                };
            }
        }

        public void Take(ref TileArguments tile)
        {
            if (_next >= _end && _second != null)
            {
                _end += 2 * Line;
                _next = _second;
                _second = null;
            }
            tile.Ahead = _next < _end ? _next : null;
            tile.AheadRow = tile.Ahead != null ? _row : 0;
            tile.AheadStep = tile.Ahead != null ? _step : 0;
            _next += _slice;
        }
    }
}
