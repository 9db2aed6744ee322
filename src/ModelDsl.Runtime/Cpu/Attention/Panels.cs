using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// A right-hand operand [Depth, Columns] in panels that the register tiles read, and products with it. The panel that
/// begins at column j stands at Data + j Depth, its rows one after the other.
/// </summary>
internal unsafe struct Panels
{
    public float* Data;
    public int Depth, Columns;

    /// <summary>Packs source[p * stride + j], [depth, columns]; columns beyond are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(in GemmTile tile, float* source, nint stride, int depth, int columns)
    {
        (Depth, Columns) = (depth, columns);
        for (int j = 0, width; j < columns; j += width)
        {
            width = Gemm.PanelWidth(tile, columns - j);
            GemmPacking.Copy(source + j, stride, depth, Math.Min(width, columns - j), Data + (nint)j * depth, width);
        }
    }

    /// <summary>Packs source[j * stride + p], [depth, columns]; columns beyond are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PackTransposed(in GemmTile tile, float* source, nint stride, int depth, int columns)
    {
        (Depth, Columns) = (depth, columns);
        for (int j = 0, width; j < columns; j += width)
        {
            width = Gemm.PanelWidth(tile, columns - j);
            tile.PackTransposed(source + j * stride, stride, Math.Min(width, columns - j), depth, Data + (nint)j * depth, width);
        }
    }

    /// <summary>Multiplies every element by <paramref name="factor"/>.</summary>
    public readonly void Scale(float factor)
    {
        int count = Depth * AttentionJob.RoundUp(Columns, Simd.Width);
        for (int i = 0; i < count; i += Simd.Width) Simd.Store(Data + i, Simd.Load(Data + i) * Simd.Splat(factor));
    }

    /// <summary>
    /// C[rows of one tile, columns] (+)= A[rows, k] B[begin .. begin + k, columns], for the panels that overlap
    /// [first, end) of the columns.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Multiply(
        in GemmTile tile, float* a, nint aRow, nint aColumn, int begin, int k, float* c, nint cRow, bool accumulate, int first, int end)
    {
        var t = new TileArguments { A = a, ARow = aRow, AColumn = aColumn, CRow = cRow, K = k, Accumulate = accumulate };
        end = Math.Min(end, Columns);
        for (int j = 0, width; j < end; j += width)
        {
            width = Gemm.PanelWidth(tile, Columns - j);
            if (j + width <= first) continue;
            t.B = Data + (nint)j * Depth + (nint)begin * width;
            t.BRow = width;
            t.C = c + j;
            t.Fetch = t.B;
            tile.ForWidth(width)(t);
        }
    }
}
