namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Spreads the fetching of the panel of B that will be packed next over the register tiles of the current one, so that
/// packing finds it in the second-level cache.
/// </summary>
/// <remarks>
/// The panel's source is a rectangle of memory: columns of the operand or, where B is stored transposed, rows. A tile
/// fetches two lines every <see cref="TileArguments.FetchSpan"/> steps of K, which makes two strips of lines; strips go
/// on along the rectangle's longer side.
/// </remarks>
internal unsafe struct PanelFetch
{
    private const int Line = 16; // floats

    private float* _strip;
    private nint _toSecondStrip, _alongStrip, _toNextStrips;
    private int _left, _leftThen;

    /// <summary>The source at (k, column) of B, depth x columns, during tiles of <paramref name="tileK"/> steps.</summary>
    public PanelFetch(Matrix b, int k, int column, int depth, int columns, int tileK)
    {
        nint stride = b.Stride;
        int linesATile = Math.Max(1, tileK / TileArguments.FetchSpan);
        if (b.Transposed)
        {
            // A strip is one stored row; depth floats of it are linesATile lines.
            _strip = b.Data + column * stride + k;
            (_toSecondStrip, _alongStrip, _toNextStrips) = (stride, Line, 2 * stride);
            _left = (columns + 1) / 2;
        }
        else
        {
            // A strip is one line's width of linesATile stored rows. After the last row the panel's right half follows.
            _strip = b.Data + k * stride + column;
            (_toSecondStrip, _alongStrip, _toNextStrips) = (Line, stride, linesATile * stride);
            _left = _leftThen = (depth + linesATile - 1) / linesATile;
        }
    }

    /// <summary>Gives the next tile its share; nothing once the panel is fetched.</summary>
    public void Next(ref TileArguments tile)
    {
        if (_left == 0 && _leftThen > 0)
        {
            _strip += 2 * Line - _leftThen * _toNextStrips;
            (_left, _leftThen) = (_leftThen, 0);
        }
        if (_left == 0)
        {
            tile.Fetch = tile.B; // costs nothing: it is in cache
            tile.FetchSecond = tile.FetchStep = 0;
            return;
        }
        tile.Fetch = _strip;
        tile.FetchSecond = _toSecondStrip;
        tile.FetchStep = _alongStrip;
        _strip += _toNextStrips;
        _left--;
    }
}
