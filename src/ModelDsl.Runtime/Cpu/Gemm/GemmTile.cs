namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// One instruction set's register tiles: <c>C[Rows, width] (+)= A[Rows, k] B[k, width]</c> for widths of one, two, ...
/// vectors, each element summed by a chain of multiply-adds over k.
/// </summary>
internal readonly unsafe struct GemmTile
{
    /// <summary>Rows of a tile.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of the narrowest tile; every width is a multiple of it.</summary>
    public required int Vector { get; init; }

    /// <summary>The widest tile in vectors.</summary>
    public required int MaxVectors { get; init; }

    /// <summary>By width in vectors - 1.</summary>
    public required delegate*<in TileArguments, void> One { get; init; }
    public required delegate*<in TileArguments, void> Two { get; init; }
    public delegate*<in TileArguments, void> Three { get; init; }

    /// <summary>Copies B's stored [columns, k] block, transposed, to a panel.</summary>
    public required delegate*<float*, nint, int, int, float*, int, void> PackTransposed { get; init; }

    public int MaxColumns => Vector * MaxVectors;

    public delegate*<in TileArguments, void> ForWidth(int width) => (width / Vector) switch
    {
        1 => One,
        2 => Two,
        _ => Three,
    };

    /// <summary>The best of what this processor has.</summary>
    public static GemmTile Best => ForIsa(CpuInfo.BestIsa);

    public static GemmTile ForIsa(CpuIsa isa) => isa switch
    {
        CpuIsa.Avx512 => GemmTile512.Tile,
        CpuIsa.Avx2 => GemmTile256.Tile,
        _ => GemmTile128.Tile,
    };
}

/// <summary>What a register tile works on.</summary>
internal unsafe struct TileArguments
{
    /// <summary>A[i, p] stands at A[i * ARow + p * AColumn].</summary>
    public float* A;
    public nint ARow, AColumn;
    /// <summary>Row p of the panel begins at B[p * BRow].</summary>
    public float* B;
    public nint BRow;
    public float* C;
    public nint CRow;
    public int K;
    /// <summary>Whether the sums are added to C or replace it.</summary>
    public bool Accumulate;
    /// <summary>
    /// Memory that will be wanted soon: every <see cref="FetchSpan"/> steps of K the lines at Fetch and
    /// Fetch + FetchSecond are fetched, and Fetch moves on by FetchStep. Not every tile heeds it.
    /// </summary>
    public float* Fetch;
    public nint FetchSecond, FetchStep;

    public const int FetchSpan = 16;
}
