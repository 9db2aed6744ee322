using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Spreads the fetching of operands that will be packed or read next over the register tiles of the current ones, so
/// that they are found in the second-level cache.
/// </summary>
/// <remarks>
/// The source is a rectangle of stored rows. A tile fetches two lines every <see cref="TileArguments.FetchSpan"/> steps
/// of K: two rows along their length where the rows are long and few, else two lines' width of many rows.
/// </remarks>
internal unsafe struct FetchAhead
{
    private const int Line = 16; // floats

    private float* _next;
    private readonly nint _second, _step, _toNextTile, _toNextBand;
    private readonly int _tilesABand;
    private int _left, _bandsLeft;

    /// <summary>Rows x <paramref name="length"/> floats at <paramref name="begin"/>, during tiles of so many K steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FetchAhead(float* begin, nint stride, int rows, int length, bool alongRows, int tileK)
    {
        int lines = Math.Max(1, tileK / TileArguments.FetchSpan);
        _next = begin;
        if (alongRows)
        {
            (_second, _step, _toNextTile) = (stride, Line, 2 * stride);
            _tilesABand = (rows + 1) / 2;
            _toNextBand = lines * Line - _tilesABand * _toNextTile;
            _bandsLeft = (length + lines * Line - 1) / (lines * Line);
        }
        else
        {
            (_second, _step, _toNextTile) = (Line, stride, lines * stride);
            _tilesABand = (rows + lines - 1) / lines;
            _toNextBand = 2 * Line - _tilesABand * _toNextTile;
            _bandsLeft = (length + 2 * Line - 1) / (2 * Line);
        }
        _left = _tilesABand;
    }

    /// <summary>
    /// The panel of B that will be packed after the one before <paramref name="column"/> of the block: the next columns,
    /// or the first of the next K block.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FetchAhead Panel(in GemmJob job, in GemmBlock block, int column)
    {
        int k = block.K;
        if (column >= block.Columns)
        {
            column = 0;
            k += block.Depth;
        }
        if (k >= job.K)
            return default;
        int depth = Math.Min(block.Depth, job.K - k), columns = Math.Min(job.Tile.MaxColumns, block.Columns - column);
        return Of(job.B, k, block.Column + column, depth, columns, block.Depth);
    }

    /// <summary>The rows of A that follow the block's: the next ones, or the first of the next K block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FetchAhead Rows(in GemmJob job, in GemmBlock block)
    {
        int k = block.K, row = block.Row + block.Rows;
        if (row >= block.RowEnd)
        {
            row = block.RowBegin;
            k += block.Depth;
        }
        if (k >= job.K)
            return default;
        int depth = Math.Min(block.Depth, job.K - k), rows = Math.Min(Gemm.MaxRows, block.RowEnd - row);
        var transpose = new Matrix(job.A.Data, job.A.Stride, !job.A.Transposed);
        return Of(transpose, k, row, depth, rows, block.Depth);
    }

    /// <summary>Gives the next tile its share; nothing once all is fetched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next(ref TileArguments tile)
    {
        if (_left == 0 && _bandsLeft > 1)
        {
            _next += _toNextBand;
            _left = _tilesABand;
            _bandsLeft--;
        }
        if (_left == 0)
        {
            tile.Fetch = tile.B; // costs nothing: it is in cache
            tile.FetchSecond = tile.FetchStep = 0;
            return;
        }
        tile.Fetch = _next;
        tile.FetchSecond = _second;
        tile.FetchStep = _step;
        _next += _toNextTile;
        _left--;
    }

    /// <summary>[depth, columns] of an operand at (k, column).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FetchAhead Of(Matrix b, int k, int column, int depth, int columns, int tileK)
    {
        nint stride = b.Stride;
        return b.Transposed
            ? new FetchAhead(b.Data + column * stride + k, stride, columns, depth, alongRows: true, tileK)
            : new FetchAhead(b.Data + k * stride + column, stride, depth, columns, alongRows: false, tileK);
    }
}
