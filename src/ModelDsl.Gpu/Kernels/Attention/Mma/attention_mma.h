// What the attention kernels on mma.m16n8k16 share: tiles of bf16 in shared memory, their fragments, products, masks.
//
// A tile is rows of one head, [rows, WIDTH]: WIDTH is HEAD_SIZE rounded up to a multiple of 32 (64 above 128), the rest
// zeros. A row is cut into chunks of 8 elements: 16 bytes, what cp.async copies and what one of ldmatrix's 8 x 8 matrices
// has as a row. Chunk c of row r is at place c ^ swizzle(r) of the row, so that the 8 rows of a matrix are in 8
// different groups of 4 of the 32 banks: neither ldmatrix nor the copies ever wait for a bank.
//
// A warp owns BLOCKS blocks of 16 rows of the group's own tile (queries, or keys) and iterates over columns (keys, or
// queries) that all warps share. Lane i holds of a product's block [16, 8]: rows i / 4 and i / 4 + 8, columns 2 (i % 4)
// and 2 (i % 4) + 1. Two such blocks side by side, packed to bf16, are the left operand [16, 16] of the next product:
// intermediate results never pass through memory.
#pragma once

#include "ptx.h"

#define WIDTH (HEAD_SIZE <= 128 ? (HEAD_SIZE + 31) / 32 * 32 : (HEAD_SIZE + 63) / 64 * 64)
#define CHUNKS (WIDTH / 8)
#define ROW_BYTES (WIDTH * 2)
#define THREADS (WARPS * 32)
#define OWN_ROWS (WARPS * BLOCKS * 16)      // rows of the group's own tile
#define WARP_ROWS (BLOCKS * 16)
#define WARP (LOCAL_ID(0) >> 5)
#define LANE (LOCAL_ID(0) & 31)

// A kernel of which RESIDENT groups must fit on a multiprocessor, which limits its registers.
#define KERNEL_GROUPS(name) extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT) name

#define LOG2_E 1.4426950408889634f
#define LN_2 0.6931471805599453f

// ---- tiles ----

// Rows of 128 bytes or a multiple differ in their low 3 bits; rows of 64 (mod 128) bytes lie in turn in both halves of
// the banks, so that every second row takes the next place.
#define PLACES (WIDTH % 64 == 0 ? 8 : 4)

DEVICE int swizzle(int row)
{
    return WIDTH % 64 == 0 ? row & 7 : (row >> 1) & 3;
}

// Bytes from the tile's beginning to a chunk.
DEVICE int chunk_offset(int row, int chunk)
{
    return row * ROW_BYTES + ((chunk ^ swizzle(row)) << 4);
}

// The first chunk of a tile that a thread copies: neighbours take the chunks of a row.
#define COPY_ROW ((int)((uint)LOCAL_ID(0) / PLACES))
#define COPY_CHUNK (LOCAL_ID(0) & (PLACES - 1))

// Starts copying rows 0 to ROWS - 1 of a matrix [count, HEAD_SIZE] into a tile; rows from count on, and columns from
// HEAD_SIZE on, become zeros.
template <int ROWS>
DEVICE void copy_tile(uchar* tile, const bf16* matrix, int stride, int count)
{
    const int step = THREADS / PLACES, row = COPY_ROW, chunk = COPY_CHUNK;
    static_assert(ROWS % step == 0, "every thread copies as many chunks");
    matrix += (int64)row * stride + chunk * 8;
#pragma unroll
    for (int r = 0; r < ROWS; r += step)
    {
#pragma unroll
        for (int c = 0; c < CHUNKS; c += PLACES)
            cp_async_16_zero(tile + chunk_offset(row, chunk) + r * ROW_BYTES + c * 16, matrix + c * 8,
                row + r < count && (chunk + c) * 8 < HEAD_SIZE);
        matrix += (int64)stride * step;
    }
}

// ---- fragments ----

// Where a lane's rows of ldmatrix begin in 16 rows by 16 columns of a tile, in bytes. As left operand, or transposed as
// right operand: matrices in the order top left, bottom left, top right, bottom right.
DEVICE int lane_offset_down(int lane)
{
    return chunk_offset(lane & 15, lane >> 4);
}

// As right operand whose columns are the tile's rows: top left, top right, bottom left, bottom right.
DEVICE int lane_offset_across(int lane)
{
    return chunk_offset((lane & 7) + ((lane >> 4) << 3), (lane >> 3) & 1);
}

// The same place in the 16 columns of block `column`, from row `row` (a multiple of 16) on.
DEVICE const uchar* fragment(const uchar* tile, int lane_offset, int row, int column)
{
    const int chunk = column * 2, low = chunk & (PLACES - 1);
    return tile + (lane_offset ^ (low << 4)) + ((chunk - low) << 4) + row * ROW_BYTES;
}

// ---- products ----

// The warp's rows of the group's own tile, the left operand of every step: with HELD in registers, else read every time.
struct OwnRows
{
    const uchar* rows;
#if HELD
    uint fragments[WIDTH / 16][BLOCKS][4];
#endif
};

// Call it when the tile has arrived.
DEVICE void hold_rows(OwnRows* own, int lane)
{
#if HELD
#pragma unroll
    for (int k = 0; k < WIDTH / 16; k++)
#pragma unroll
        for (int m = 0; m < BLOCKS; m++)
            ldmatrix_x4(own->fragments[k][m], fragment(own->rows, lane_offset_down(lane), m * 16, k));
#endif
}

// Columns 16 k to 16 k + 15 of the rows.
DEVICE void own_fragments(uint (&a)[BLOCKS][4], const OwnRows& own, int k, int lane)
{
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#if HELD
#pragma unroll
        for (int i = 0; i < 4; i++)
            a[m][i] = own.fragments[k][m][i];
#else
        ldmatrix_x4(a[m], fragment(own.rows, lane_offset_down(lane), m * 16, k));
#endif
}

// d[p][16 BLOCKS, COLUMNS] += own[p][16 BLOCKS, WIDTH] others[p][COLUMNS, WIDTH]^T, for PRODUCTS at once: an mma waits for
// the one before of the same sum, and the more sums there are the less it does. Operands are read one mma ahead.
template <int PRODUCTS, int COLUMNS>
DEVICE void multiply_rows(float (*d)[BLOCKS][COLUMNS / 8][4], const OwnRows* own, const uchar* const* others, int lane)
{
    const int across = lane_offset_across(lane), tiles = COLUMNS / 16, steps = WIDTH / 16 * PRODUCTS * tiles;
    uint a[2][BLOCKS][4], b[2][4];
    own_fragments(a[0], own[0], 0, lane);
    ldmatrix_x4(b[0], fragment(others[0], across, 0, 0));
#pragma unroll
    for (int i = 0; i < steps; i++)
    {
        const int next = i + 1, k = next / tiles / PRODUCTS, p = next / tiles % PRODUCTS;
        if (next < steps && next % tiles == 0)
            own_fragments(a[next / tiles % 2], own[p], k, lane);
        if (next < steps)
            ldmatrix_x4(b[next % 2], fragment(others[p], across, next % tiles * 16, k));
#pragma unroll
        for (int m = 0; m < BLOCKS; m++)
#pragma unroll
            for (int half = 0; half < 2; half++)
                mma_m16n8k16_bf16(d[i / tiles % PRODUCTS][m][i % tiles * 2 + half], a[i / tiles % 2][m], b[i % 2][2 * half], b[i % 2][2 * half + 1]);
    }
}

// The left operand [16 BLOCKS, COLUMNS] of a product, rounded to bf16.
template <int COLUMNS>
DEVICE void pack(uint (&a)[BLOCKS][COLUMNS / 16][4], const float (&d)[BLOCKS][COLUMNS / 8][4])
{
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int k = 0; k < COLUMNS / 16; k++)
#pragma unroll
            for (int i = 0; i < 4; i++)
                a[m][k][i] = pack_bf16(d[m][2 * k + i / 2][i % 2 * 2], d[m][2 * k + i / 2][i % 2 * 2 + 1]);
}

// d[16 BLOCKS, WIDTH] += a[16 BLOCKS, COLUMNS] others[COLUMNS, WIDTH]; operands are read ahead as in multiply_rows.
template <int COLUMNS>
DEVICE void multiply_columns(float (&d)[BLOCKS][WIDTH / 8][4], const uint (&a)[BLOCKS][COLUMNS / 16][4], const uchar* others, int lane)
{
    const int down = lane_offset_down(lane), tiles = WIDTH / 16, steps = COLUMNS / 16 * tiles;
    uint b[2][4];
    ldmatrix_x4_trans(b[0], fragment(others, down, 0, 0));
#pragma unroll
    for (int i = 0; i < steps; i++)
    {
        const int next = i + 1;
        if (next < steps)
            ldmatrix_x4_trans(b[next % 2], fragment(others, down, next / tiles * 16, next % tiles));
#pragma unroll
        for (int m = 0; m < BLOCKS; m++)
#pragma unroll
            for (int half = 0; half < 2; half++)
                mma_m16n8k16_bf16(d[m][i % tiles * 2 + half], a[m][i / tiles], b[i % 2][2 * half], b[i % 2][2 * half + 1]);
    }
}

template <int COLUMNS>
DEVICE void clear(float (&d)[BLOCKS][COLUMNS / 8][4])
{
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int n = 0; n < COLUMNS / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++)
                d[m][n][i] = 0;
}

// Writes the first count of the warp's rows of scale * d to matrix [.., HEAD_SIZE]. own is the warp's rows of a tile that
// no other warp reads: through it rows are stored in runs of 16 bytes.
DEVICE void store_rows(bf16* matrix, int64 stride, int count, const float (&d)[BLOCKS][WIDTH / 8][4], float scale, uchar* own, int lane)
{
    __syncwarp();
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int n = 0; n < WIDTH / 8; n++)
#pragma unroll
            for (int h = 0; h < 2; h++)
                *(uint*)(own + chunk_offset(m * 16 + h * 8 + lane / 4, n) + lane % 4 * 4) =
                    pack_bf16(d[m][n][2 * h] * scale, d[m][n][2 * h + 1] * scale);
    __syncwarp();
    const int row = lane / PLACES, chunk = lane % PLACES;
#pragma unroll
    for (int r = row; r < row + WARP_ROWS; r += 32 / PLACES)
#pragma unroll
        for (int c = chunk; c < chunk + CHUNKS; c += PLACES)
            if (r < count && c * 8 < HEAD_SIZE)
                STORE4((float*)(matrix + r * stride + c * 8), LOAD4((const float*)(own + chunk_offset(r, c))));
}

// ---- scores ----

// Scores as the exponents of 2 before the factor exponent_scale: q k itself, or with a soft cap tanh(q k cap_scale / 2
// log2 e), by tanh(x) = 1 - 2 / (1 + e^2x).
template <int COLUMNS>
DEVICE void cap_scores(float (&s)[BLOCKS][COLUMNS / 8][4], float cap_scale)
{
#if SOFT_CAP
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int n = 0; n < COLUMNS / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++)
                s[m][n][i] = 1 - 2 * reciprocal_fast(1 + exp2_fast(s[m][n][i] * cap_scale));
#endif
}

// A query at position p sees the keys from p - left to p + right, below key_length. Whether a row of the warp sees a
// column, and whether one does not. distance: from the position of the first column to that of the warp's first row. With
// keys as rows and queries as columns left and right change places.
DEVICE bool any_visible(int columns, int distance, int left, int right)
{
    return distance + WARP_ROWS - 1 + right >= 0 && distance - left < columns;
}

DEVICE bool all_visible(int columns, int distance, int left, int right)
{
    return distance + right >= columns - 1 && distance + WARP_ROWS - 1 <= left;
}

// -infinity where a row does not see a column, or from column `count` on.
template <int COLUMNS>
DEVICE void mask(float (&s)[BLOCKS][COLUMNS / 8][4], int distance, int left, int right, int count, int lane)
{
    // For the lane's first element: the columns where its row's keys begin and end, and where all end.
    const int column = lane % 4 * 2, own = distance + lane / 4 - column;
    const int low = own - left, high = own + right, end = count - column;
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int n = 0; n < COLUMNS / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                const int c = n * 8 + i % 2, relative = c - m * 16 - i / 2 * 8;
                if (relative < low || relative > high || c >= end)
                    s[m][n][i] = -INFINITY;
            }
}

// ---- weights again, in the backward pass ----

// The exponent for which exp2(exponent_scale s - exponent) is the weight; infinity for a query that sees no key: weights 0.
DEVICE float exponent(float log_sum_exp)
{
    return log_sum_exp == -INFINITY ? INFINITY : log_sum_exp * LOG2_E;
}

// Score s becomes its weight, and dp, the gradient of the weight less delta, the gradient of the score.
DEVICE void weight_and_gradient(float* s, float* dp, float exponent, float exponent_scale)
{
    const float weight = exp2_fast(FMA(*s, exponent_scale, -exponent));
#if SOFT_CAP
    *dp *= weight * (1 - *s * *s); // the derivative of tanh
    if (weight == 0)
        *dp = 0;                   // a masked score is -infinity
#else
    *dp *= weight;
#endif
    *s = weight;
}

// ---- work ----

// The tile and head (of all sequences) of a group. The heads are taken `together` at a time, so that the data that their
// groups share stays in the second-level cache; among these all first tiles come first.
DEVICE void take_work(int tiles, int together, int* tile, int* head)
{
    const int heads = GROUPS(0) / tiles, first = GROUP_ID(0) / (together * tiles) * together;
    const int count = heads - first < together ? heads - first : together, index = GROUP_ID(0) - first * tiles;
    *tile = index / count;
    *head = first + index % count;
}
