// Tiles of attention's operands in shared memory, and products of them by warpgroups, for Hopper's kernels.
//
// A tile [ROWS, COLUMNS] of bf16 is stored in panels of 64 columns, [ROWS, 64] each, 128 bytes a row, swizzled as
// shared_descriptor says; COLUMNS is HEAD_SIZE rounded up to a whole panel, padded with zeros. The same tile serves as either operand: summed over its columns (K^T in Q K^T) or over
// its rows (V in P V). ROWS is a multiple of 8, tiles begin at multiples of 1024 bytes.
//
// Tiles are filled by cp.async from a warpgroup of its own (the producer), not by bulk tensor copies: those need a
// tensor map per operand made by the driver, and cannot be emulated outside the hardware; the producer's 128 threads
// issue a tile's 16-byte copies in a tenth of the time that the products of the tile take.
#pragma once

#define WARPGROUP 128
#define PANEL 64
#define PANEL_ROW_BYTES 128
#define COLUMNS ((HEAD_SIZE + PANEL - 1) / PANEL * PANEL)
#define K_STEPS ((HEAD_SIZE + 15) / 16) // products over the columns, 16 at a time

// Warpgroups move registers among themselves only if the compiler knows that a group has a multiprocessor to itself.
#define KERNEL_WARPGROUPS(name, warpgroups) extern "C" __global__ void __launch_bounds__((warpgroups) * WARPGROUP, 1) name

// ---- Tiles ----

template<int ROWS>
DEVICE constexpr int tile_bytes()
{
    return ROWS * COLUMNS * 2;
}

// The position of 16-byte chunk `chunk` of a tile's row.
template<int ROWS>
DEVICE uchar* tile_chunk(const uchar* tile, int row, int chunk)
{
    return (uchar*)tile + chunk / 8 * (ROWS * PANEL_ROW_BYTES) + row * PANEL_ROW_BYTES + ((chunk % 8) ^ (row % 8)) * 16;
}

// Starts copying rows of global memory, `stride` elements apart, into a tile: 8 threads per row of a panel. Rows from `count`
// on become zeros. One warpgroup calls it, `thread` 0 to 127.
template<int ROWS>
DEVICE void tile_load(uchar* tile, const bf16* rows, int64 stride, int count, int thread)
{
    const int first = thread / 8, chunk = thread % 8;
    const bf16* source = rows + first * stride + chunk * 8;
    uchar* destination = tile_chunk<ROWS>(tile, first, chunk);
#pragma unroll
    for (int row = 0; row < ROWS; row += WARPGROUP / 8)
    {
#pragma unroll
        for (int panel = 0; panel < COLUMNS / PANEL; panel++)
        {
            const bool there = (panel + 1) * PANEL <= HEAD_SIZE || panel * PANEL + chunk * 8 < HEAD_SIZE;
            cp_async_16_zero(destination + panel * (ROWS * PANEL_ROW_BYTES) + row * PANEL_ROW_BYTES, source + panel * PANEL, there && first + row < count);
        }
        source += (WARPGROUP / 8) * stride;
    }
}

// ---- Products of one warpgroup ----

// A descriptor of 64 rows, or of all, to sum over columns.
DEVICE uint64 tile_rows(const uchar* tile)
{
    return shared_descriptor(shared_address(tile), 0, 8 * PANEL_ROW_BYTES);
}

// A descriptor to sum over rows.
template<int ROWS>
DEVICE uint64 tile_columns(const uchar* tile)
{
    return shared_descriptor(shared_address(tile), ROWS * PANEL_ROW_BYTES, 8 * PANEL_ROW_BYTES);
}

// The left operand of multiply_transposed: 64 rows of a tile of ROWS, read in place, or once into registers. From
// on-chip memory, products of 64 columns use its whole bandwidth, products of 128 columns three quarters.
template<int ROWS, bool IN_REGISTERS>
struct LeftRows
{
    uint64 descriptor;
    uint registers[K_STEPS][4];
};

template<int ROWS, bool IN_REGISTERS>
DEVICE LeftRows<ROWS, IN_REGISTERS> left_rows(const uchar* rows, int thread)
{
    LeftRows<ROWS, IN_REGISTERS> left;
    if constexpr (IN_REGISTERS)
    {
#pragma unroll
        for (int k = 0; k < K_STEPS; k++)
            ldmatrix_x4(left.registers[k], tile_chunk<ROWS>(rows, thread / 32 * 16 + thread % 16, 2 * k + thread % 32 / 16));
        wgmma_hold(left.registers);
    }
    else
        left.descriptor = tile_rows(rows);
    return left;
}

// d [64, N] = a [64, HEAD_SIZE] b [N, HEAD_SIZE]^T: b a tile of N rows, by tile_rows.
template<int N, int ROWS, bool IN_REGISTERS>
DEVICE void multiply_transposed(float (&d)[N / 2], const LeftRows<ROWS, IN_REGISTERS>& a, uint64 b)
{
#pragma unroll
    for (int k = 0; k < K_STEPS; k++)
    {
        const uint64 columns = descriptor_advance(b, k / 4 * (N * PANEL_ROW_BYTES) + k % 4 * 32);
        if constexpr (IN_REGISTERS)
            wgmma_m64k16_bf16_rs<N, 0>(d, a.registers[k], columns, k > 0);
        else
            wgmma_m64k16_bf16_ss<N, 0, 0>(d, descriptor_advance(a.descriptor, k / 4 * (ROWS * PANEL_ROW_BYTES) + k % 4 * 32), columns, k > 0);
    }
}

// d [64, COLUMNS] += a [64, K] b [K, COLUMNS]: a in registers, b a tile of K rows, by tile_columns.
template<int K>
DEVICE void multiply_add(float (&d)[COLUMNS / 2], const uint (&a)[K / 16][4], uint64 b)
{
#pragma unroll
    for (int k = 0; k < K / 16; k++)
        wgmma_m64k16_bf16_rs<COLUMNS, 1>(d, a[k], descriptor_advance(b, k * (16 * PANEL_ROW_BYTES)), 1);
}

// d = 0, before a loop that adds to it: not later, while products are running.
DEVICE void clear(float (&d)[COLUMNS / 2])
{
#pragma unroll
    for (int i = 0; i < COLUMNS / 2; i++)
        d[i] = 0;
    wgmma_hold(d);
}

// A result [64, N] as the left operand of a next product, [64, K = N].
template<int N>
DEVICE void as_operand(uint (&a)[N / 16][4], const float (&d)[N / 2])
{
#pragma unroll
    for (int k = 0; k < N / 16; k++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            a[k][i] = pack_bf16(d[8 * k + 2 * i], d[8 * k + 2 * i + 1]);
    wgmma_hold(a);
}

// Stores the HEAD_SIZE columns of a result [64, COLUMNS], each row times its own factor, as bf16, through 64 rows of a
// tile of ROWS that only this warpgroup uses, to rows of global memory. Rows from `count` on are not stored.
template<int ROWS>
DEVICE void store_rows(bf16* rows, int64 stride, int count, const float (&d)[COLUMNS / 2], const float (&factor)[2], uchar* tile, int thread, int barrier)
{
    const int row = thread / 32 * 16 + thread % 32 / 4;
#pragma unroll
    for (int i = 0; i < 2; i++)
#pragma unroll
        for (int chunk = 0; chunk < HEAD_SIZE / 8; chunk++)
            *(uint*)(tile_chunk<ROWS>(tile, row + 8 * i, chunk) + thread % 4 * 4) =
                pack_bf16(d[4 * chunk + 2 * i] * factor[i], d[4 * chunk + 2 * i + 1] * factor[i]);
    named_barrier_sync(barrier, WARPGROUP);
    const int chunks = HEAD_SIZE / 8;
#pragma unroll
    for (int index = thread; index < 64 * chunks; index += WARPGROUP)
        if (index / chunks < count)
            *(uint4*)(rows + index / chunks * stride + index % chunks * 8) = *(const uint4*)tile_chunk<ROWS>(tile, index / chunks, index % chunks);
}

// ---- Buffers between the producer and the consumers ----
// Each buffer has two barriers: full, one arrival of each producer warp; empty, one of each consumer warp. Its i-th use
// (i from 0) is phase i of both.

struct Buffers
{
    uint64* full;
    uint64* empty;
};

// Every thread of the group calls it first.
DEVICE void initialise(const Buffers& buffers, int count, int consumers)
{
    if (LOCAL_ID(0) == 0)
        for (int buffer = 0; buffer < count; buffer++)
        {
            mbarrier_init(buffers.full + buffer, WARPGROUP / 32);
            mbarrier_init(buffers.empty + buffer, consumers * WARPGROUP / 32);
        }
    BARRIER();
}

// The producer, before it fills a buffer.
DEVICE void await_empty(const Buffers& buffers, int buffer, int use)
{
    mbarrier_wait(buffers.empty + buffer, (use & 1) ^ 1);
}

// The producer, when all but its last COMMITS committed copies have ended: the buffer that they fill is full.
template<int COMMITS>
DEVICE void signal_full(const Buffers& buffers, int buffer, int thread)
{
    cp_async_wait<COMMITS>();
    fence_proxy_async();
    __syncwarp();
    if (thread % 32 == 0)
        mbarrier_arrive(buffers.full + buffer);
}

DEVICE void await_full(const Buffers& buffers, int buffer, int use)
{
    mbarrier_wait(buffers.full + buffer, use & 1);
}

// A consumer, when the products that read the buffer have ended.
DEVICE void signal_empty(const Buffers& buffers, int buffer, int thread)
{
    if (thread % 32 == 0)
        mbarrier_arrive(buffers.empty + buffer);
}

// ---- Weights from LogSumExp ----

// The offset that turns score * scale * log2 e into the exponent of the weight. A row that saw nothing (-infinity) has weights 0.
DEVICE float weights_log2(float log_sum_exp)
{
    return log_sum_exp == -INFINITY ? INFINITY : log_sum_exp * 1.44269504088896341f;
}

// ---- Pairs of bf16 ----

DEVICE float bf16_low(uint pair)
{
    return AS_FLOAT(pair << 16);
}

DEVICE float bf16_high(uint pair)
{
    return AS_FLOAT(pair & 0xffff0000u);
}

DEVICE float dot_bf16(uint a, uint b)
{
    return fmaf(bf16_low(a), bf16_low(b), bf16_high(a) * bf16_high(b));
}

// ---- Masks ----
// Query row t is at position start + t, key s at position s.

struct Sight
{
    int query_start, query_length, key_length, causal, window;
};

// The first and last key that query t sees.
DEVICE int first_key(const Sight& sight, int t)
{
    return sight.window > 0 ? max(sight.query_start + t - sight.window + 1, 0) : 0;
}

DEVICE int last_key(const Sight& sight, int t)
{
    return sight.causal ? min(sight.query_start + t, sight.key_length - 1) : sight.key_length - 1;
}

// The first and last query that sees key s.
DEVICE int first_query(const Sight& sight, int s)
{
    return sight.causal ? max(s - sight.query_start, 0) : 0;
}

DEVICE int last_query(const Sight& sight, int s)
{
    return sight.window > 0 ? min(s - sight.query_start + sight.window - 1, sight.query_length - 1) : sight.query_length - 1;
}

// The columns that this thread's two rows of a result see, and those that all 64 rows see.
struct Columns
{
    int first[2], last[2], first_of_all, last_of_all;
};

// Rows are queries from t on, columns keys.
DEVICE Columns keys_of(const Sight& sight, int t, int thread)
{
    const int row = t + thread / 32 * 16 + thread % 32 / 4;
    return {
        { first_key(sight, row), first_key(sight, row + 8) }, { last_key(sight, row), last_key(sight, row + 8) },
        first_key(sight, t + 63), last_key(sight, t)
    };
}

// Rows are keys from s on, columns queries.
DEVICE Columns queries_of(const Sight& sight, int s, int thread)
{
    const int row = s + thread / 32 * 16 + thread % 32 / 4;
    return {
        { first_query(sight, row), first_query(sight, row + 8) }, { last_query(sight, row), last_query(sight, row + 8) },
        first_query(sight, s + 63), last_query(sight, s)
    };
}

// Scores that are not seen become -infinity; the first of N columns is `column`.
template<int N>
DEVICE void mask(float (&scores)[N / 2], const Columns& columns, int column, int thread)
{
    if (column >= columns.first_of_all && column + N - 1 <= columns.last_of_all)
        return;
#pragma unroll
    for (int i = 0; i < 2; i++)
    {
        const int first = columns.first[i] - column - thread % 4 * 2, last = columns.last[i] - column - thread % 4 * 2;
#pragma unroll
        for (int j = 0; j < N / 8; j++)
#pragma unroll
            for (int e = 0; e < 2; e++)
                if (8 * j + e < first || 8 * j + e > last)
                    scores[4 * j + 2 * i + e] = -INFINITY;
    }
}
