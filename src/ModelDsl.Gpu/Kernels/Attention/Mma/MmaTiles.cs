namespace ModelDsl.Gpu;

/// <summary>
/// How a kernel of the mma.sync attention is tiled. A group of 4 warps owns rows of queries (forward, and the gradient of
/// queries) or of keys (their gradients), and iterates over the others.
/// </summary>
/// <param name="Blocks">A warp's own rows, in blocks of 16.</param>
/// <param name="Stage">Other rows that are copied to shared memory at once; there are two stages.</param>
/// <param name="Step">Other rows of one product, of which <paramref name="Stage"/> is a multiple.</param>
/// <param name="Held">Whether a warp's own rows stay in registers.</param>
/// <param name="Resident">Groups that must fit on a multiprocessor; it limits registers: 255 with 2, 168 with 3.</param>
internal readonly record struct MmaTile(int Blocks, int Stage, int Step, bool Held = false, int Resident = 2)
{
    public const int Warps = 4;

    /// <summary>Rows that a group owns.</summary>
    public int Rows => Warps * 16 * Blocks;
}

/// <summary>The tiles of the three kernels for heads of up to <paramref name="Width"/> elements, to be tuned on a GPU.</summary>
/// <param name="SeparateKeys">The gradients of keys and of values need a launch each: the sums of both do not fit in registers.</param>
/// <remarks>
/// <para>
/// The trade-offs, in clocks of a multiprocessor of sm_90: an mma.m16n8k16 takes about 1.6. Shared memory delivers 128 bytes
/// a clock, and each product's right operand is 256 bytes, 128 if two blocks of rows share it: 2 clocks or 1. So two
/// blocks per warp wherever their sums fit in registers. The left operand is 512 bytes a block, spread over Step / 8
/// products: steps as long as registers allow, or none of it if the own rows are held. The exponentials (16 a clock)
/// and the rest of softmax take about two thirds of the products' time at head size 64 and must overlap them: in the
/// other groups of the multiprocessor.
/// </para>
/// <para>
/// Shared memory is at most 99 KB, so that two groups fit on sm_90 (228 KB) and one on every GPU since sm_80 (sm_86 and
/// sm_89 have 100 KB). Stages are a multiple of the rows that 128 threads copy at once: 16, or 32 at widths 32 and 96.
/// </para>
/// </remarks>
internal sealed record MmaTiles(int Width, MmaTile Forward, MmaTile Keys, MmaTile Queries, bool SeparateKeys = false)
{
    public const int MaxHeadSize = 256;

    private static readonly MmaTiles[] s_all =
    [
        // Keys: with 128 registers of sums there are none left to hold rows.
        new(64, new(2, 64, 64, Held: true), new(2, 64, 32), new(2, 64, 32, Held: true)),
        // Two blocks of keys would need 192 registers for sums alone; one leaves room for its rows.
        new(96, new(2, 64, 64), new(1, 64, 32, Held: true), new(2, 64, 32)),
        // 128 registers of sums in every kernel. Keys: held rows with short steps read less than long steps.
        new(128, new(2, 64, 64), new(1, 64, 16, Held: true), new(2, 32, 32)),
        // 96 registers of sums with one block a warp.
        new(192, new(1, 32, 32, Resident: 3), new(1, 32, 32), new(1, 32, 32), SeparateKeys: true),
        // 128 registers of sums with one block a warp; stages of 16 rows, so that two groups fit.
        new(256, new(1, 32, 32), new(1, 16, 16), new(1, 16, 16), SeparateKeys: true),
    ];

    /// <summary>The tiles for a head size.</summary>
    public static MmaTiles For(int headSize)
    {
        foreach (MmaTiles tiles in s_all)
            if (headSize <= tiles.Width)
                return tiles;
        throw new ArgumentOutOfRangeException(nameof(headSize), headSize, $"Heads have at most {MaxHeadSize} elements.");
    }

    /// <summary>Bytes of shared memory: queries, two stages of keys and values.</summary>
    public int ForwardBytes(int headSize) => RowBytes(headSize) * (Forward.Rows + 4 * Forward.Stage);

    /// <summary>Keys and values, two stages of queries and output gradients with two floats each.</summary>
    public int KeysBytes(int headSize) => RowBytes(headSize) * (2 * Keys.Rows + 4 * Keys.Stage) + 4 * Keys.Stage * sizeof(float);

    /// <summary>Queries and output gradients, two stages of keys and values.</summary>
    public int QueriesBytes(int headSize) => RowBytes(headSize) * (2 * Queries.Rows + 4 * Queries.Stage);

    // Of a tile: WIDTH in attention_mma.h, in bf16.
    private static int RowBytes(int headSize)
    {
        int multiple = headSize <= 128 ? 32 : 64;
        return (headSize + multiple - 1) / multiple * multiple * 2;
    }
}
