namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Rows x Columns of C over one K block, in the part of C that is rows [RowBegin, RowEnd).
/// </summary>
internal struct GemmBlock
{
    public int RowBegin, RowEnd, Row, Column, Columns, K, Depth;

    public readonly int Rows => Math.Min(Gemm.MaxRows, RowEnd - Row);

    /// <summary>The first rows pack each panel of B just before its use.</summary>
    public readonly bool PacksB => Row == RowBegin;

    /// <summary>More rows follow, so the panels are kept side by side.</summary>
    public readonly bool KeepsB => RowEnd - RowBegin > Gemm.MaxRows;

    /// <summary>
    /// Floats from one packed panel of A to the next. The line between them keeps the panels, which are written side by
    /// side, from falling into the same sets of the cache.
    /// </summary>
    public readonly nint PanelStrideA(int tileRows) => tileRows * (nint)Depth + Gemm.PanelGap;
}
