namespace ModelDsl.Gpu;

/// <summary>How one of Hopper's attention kernels divides its work for one head size.</summary>
/// <param name="HeadSize">A multiple of 8; tiles have as many columns, rounded up to a multiple of 64, the columns of a swizzled panel.</param>
/// <param name="Warpgroups">The number of consumers, of 64 rows each; the group's rows stay on chip.</param>
/// <param name="Tile">Rows of the streamed tiles: 64, 96 or 128.</param>
/// <param name="Stages">Tiles on chip at a time, of each of the two operands.</param>
/// <param name="Registers">Registers of a consumer's thread; the producer's threads have the rest.</param>
/// <param name="LeftInRegisters">Backward: how many of the two resident left operands are in registers.</param>
internal sealed record HopperTiles(int HeadSize, int Warpgroups, int Tile, int Stages, int Registers = 232, int LeftInRegisters = 0)
{
    /// <summary>Threads of a warpgroup.</summary>
    private const int Warpgroup = 128;

    private const int MultiprocessorRegisters = 65536;

    /// <summary>
    /// Forward. A consumer thread holds Tile / 2 scores, Tile / 4 registers of weights and HeadSize / 2 sums. A group's rows
    /// share each tile that it copies, so more rows mean less traffic, but a longer last group and more masked scores; wider
    /// tiles mean fewer shuffles and corrections.
    /// </summary>
    public static IReadOnlyList<HopperTiles> Forward { get; } =
    [
        new(64, Warpgroups: 2, Tile: 128, Stages: 3),  // 64 + 32 + 32 of 232 registers; with a third warpgroup (64 + 32 + 32 of 160) 1,024 causal tokens are a third more products
        new(96, Warpgroups: 2, Tile: 128, Stages: 2),  // as 128, whose columns its tiles have; Q K^T skips the zeros
        new(128, Warpgroups: 2, Tile: 128, Stages: 2), // 64 + 32 + 64 of 232; a third warpgroup leaves room only for a tile of 64
        new(192, Warpgroups: 2, Tile: 96, Stages: 2),  // 48 + 24 + 96 of 232; two stages of 128 keys exceed the on-chip memory
        new(256, Warpgroups: 2, Tile: 64, Stages: 2),  // 32 + 16 + 128 of 232
    ];

    /// <summary>
    /// Backward of the queries. A consumer thread holds Tile / 2 scores and as many gradients, Tile / 4 registers of slopes,
    /// HeadSize / 2 sums and HeadSize / 4 registers of each left operand that is not read from on-chip memory: products of
    /// 64 columns with both operands there use its whole bandwidth, products of 128 columns three quarters.
    /// </summary>
    public static IReadOnlyList<HopperTiles> BackwardQueries { get; } =
    [
        new(64, Warpgroups: 2, Tile: 128, Stages: 3),                                    // 64 + 64 + 32 + 32 of 232
        new(96, Warpgroups: 2, Tile: 64, Stages: 3, Registers: 224, LeftInRegisters: 2), // 32 + 32 + 16 + 64 + 24 + 24; with 232 the producer lacks one
        new(128, Warpgroups: 2, Tile: 64, Stages: 3, LeftInRegisters: 1),                // 32 + 32 + 16 + 64 + 32; with dO too the products are serialised
    ];

    /// <summary>Backward of keys and values. As the queries', with twice the sums and Tile / 4 registers of weights.</summary>
    public static IReadOnlyList<HopperTiles> BackwardKeys { get; } =
    [
        new(64, Warpgroups: 2, Tile: 64, Stages: 3, LeftInRegisters: 2), // 32 + 32 + 16 + 16 + 64 + 16 + 16; at 128 queries the products are serialised
        new(96, Warpgroups: 2, Tile: 64, Stages: 3, Registers: 240),     // as 128
        new(128, Warpgroups: 2, Tile: 64, Stages: 3, Registers: 240),    // 32 + 32 + 16 + 16 + 128; with 232 the products are serialised
    ];

    /// <summary>Rows of a group.</summary>
    public int Rows => 64 * Warpgroups;

    /// <summary>Threads of a group: the producer's and the consumers'.</summary>
    public int Threads => (Warpgroups + 1) * Warpgroup;

    /// <summary>Bytes on chip of a tile of <paramref name="rows"/> rows.</summary>
    public int TileBytes(int rows) => rows * ((HeadSize + 63) / 64 * 64) * 2;

    // Registers of each thread when the kernel begins. Warpgroups can only move these among themselves: a consumer
    // that requests one more than the producer has released waits forever.
    private int LaunchRegisters => MultiprocessorRegisters / Threads / 8 * 8;

    private int ProducerRegisters => LaunchRegisters * (Warpgroups + 1) - Registers * Warpgroups;

    public KernelSource Source(string file) => KernelSource.Own(
        file,
        ("HEAD_SIZE", $"{HeadSize}"), ("WARPGROUPS", $"{Warpgroups}"), ("TILE", $"{Tile}"), ("STAGES", $"{Stages}"),
        ("PRODUCER_REGISTERS", $"{ProducerRegisters}"), ("CONSUMER_REGISTERS", $"{Registers}"), ("LEFT_IN_REGISTERS", $"{LeftInRegisters}"));
}
