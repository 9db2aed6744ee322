namespace ModelDsl.Gpu.Kernels;

/// <summary>How the forward pass is cut: a group's queries are 4 warps of <paramref name="Blocks"/> blocks of 16.</summary>
/// <param name="Keys">Keys of one stage in shared memory.</param>
internal readonly record struct MmaForwardTile(int Blocks, int Keys);

/// <summary>How the gradients of keys and values are cut: a group's keys are 4 warps of <paramref name="Blocks"/> blocks of 16.</summary>
/// <param name="Queries">Queries of one stage.</param>
/// <param name="Step">Queries of one product, in registers.</param>
/// <param name="Separate">Keys and values take a launch each: the sums of both do not fit in registers.</param>
internal readonly record struct MmaKeysTile(int Blocks, int Queries, int Step, bool Separate = false);

/// <summary>How the gradient of queries is cut: a group's queries are 4 warps of <paramref name="Blocks"/> blocks of 16.</summary>
/// <param name="Keys">Keys of one stage.</param>
/// <param name="Step">Keys of one product, in registers.</param>
internal readonly record struct MmaQueriesTile(int Blocks, int Keys, int Step);

/// <summary>
/// The sizes of tiles of the mma.sync attention, for heads of up to <paramref name="Width"/> elements.
/// </summary>
/// <remarks>
/// <para>
/// What is weighed, a multiprocessor of Hopper in clocks: an m16n8k16 takes 1.6; its right operand from shared memory
/// takes 2 (256 bytes at 128 a clock), 1 where two blocks of rows share it. So two blocks a warp wherever their sums fit
/// into 255 registers: the limit with two groups of 128 threads on a multiprocessor, which is what hides the exponentials
/// of one behind the products of the other. The left operand is read again for every product: 512 bytes a block for
/// 16 columns' depth, spread over Keys / 8 or Step / 8 products, hence steps as long as registers allow.
/// </para>
/// <para>
/// Shared memory is at most 99 KB, so that two groups fit on sm_90 (228 KB) and one on every GPU since sm_80 (sm_86 and
/// sm_89 have 100 KB). Stages are a multiple of the rows that 128 threads copy at once, 16 (32 at width 32 and 96).
/// </para>
/// </remarks>
internal sealed record MmaTiles(int Width, MmaForwardTile Forward, MmaKeysTile Keys, MmaQueriesTile Queries)
{
    public const int Warps = 4, MaxHeadSize = 256;

    private static readonly MmaTiles[] s_all =
    [
        // Sums of 128 registers in the keys' kernel, 64 in the others.
        new(64, new(2, 64), new(2, 64, 32), new(2, 64, 32)),
        // Two blocks of keys would need 192 registers for sums alone.
        new(96, new(2, 64), new(1, 64, 64), new(2, 64, 32)),
        // 128 registers of sums in every kernel.
        new(128, new(2, 64), new(1, 64, 64), new(2, 32, 32)),
        // 96 registers of sums: one block a warp. Both gradients of keys would be 192.
        new(192, new(1, 32), new(1, 32, 32, Separate: true), new(1, 32, 32)),
        // 128 registers of sums with one block a warp; 16 rows a stage, that two groups fit.
        new(256, new(1, 32), new(1, 16, 16, Separate: true), new(1, 16, 16)),
    ];

    /// <summary>For heads of this size.</summary>
    public static MmaTiles For(int headSize) => Array.Find(s_all, tiles => headSize <= tiles.Width)
        ?? throw new ArgumentOutOfRangeException(nameof(headSize), headSize, $"Heads have at most {MaxHeadSize} elements.");

    /// <summary>Queries of a group in the forward pass.</summary>
    public int ForwardRows => Warps * 16 * Forward.Blocks;

    /// <summary>Keys of a group in the kernel of their gradients.</summary>
    public int KeyRows => Warps * 16 * Keys.Blocks;

    /// <summary>Queries of a group in the kernel of their gradient.</summary>
    public int QueryRows => Warps * 16 * Queries.Blocks;

    /// <summary>Bytes of shared memory: queries, two stages of keys and values.</summary>
    public int ForwardBytes(int headSize) => RowBytes(headSize) * (ForwardRows + 4 * Forward.Keys);

    /// <summary>Keys and values, two stages of queries and output gradients with two floats each.</summary>
    public int KeysBytes(int headSize) => RowBytes(headSize) * (2 * KeyRows + 4 * Keys.Queries) + 4 * Keys.Queries * sizeof(float);

    /// <summary>Queries and output gradients, two stages of keys and values.</summary>
    public int QueriesBytes(int headSize) => RowBytes(headSize) * (2 * QueryRows + 4 * Queries.Keys);

    // Of a tile: WIDTH in attention_mma.h, in bf16.
    private static int RowBytes(int headSize)
    {
        int multiple = headSize <= 128 ? 32 : 64;
        return (headSize + multiple - 1) / multiple * multiple * 2;
    }
}
