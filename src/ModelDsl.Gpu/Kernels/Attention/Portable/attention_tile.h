// Shared code of the portable attention kernels: products of tiles of 64 rows, by groups of 256 threads as 16 x 16. Thread
// (ty, tx) holds rows 4 ty .. 4 ty + 3; of scores, columns 4 tx .. 4 tx + 3; of a result, the elements
// 64 k + 4 tx .. + 3 of each row, for k = 0 .. WIDTH / 64 - 1.
// -DHEAD_SIZE: elements of a head. -DSOFT_CAP: scores are capped. -DREAL_BF16: tensors in bf16, arithmetic in fp32.

#define SIDE 64 // rows of a tile
#define PITCH 68 // floats from one row of a tile to the next: rows begin at 16 bytes, four banks apart
#define DEPTH 16 // elements of a head that a product of rows takes at a time
#define PARTS ((HEAD_SIZE + 63) / 64)
#define WIDTH (64 * PARTS) // of a result's row
#define STEP (2 * DEPTH * PITCH / WIDTH < SIDE ? 2 * DEPTH * PITCH / WIDTH / 8 * 8 : SIDE) // rows that a sum of rows takes at a time
#define THREADS 256

#define THREAD_X (LOCAL_ID(0) & 15)
#define THREAD_Y (LOCAL_ID(0) >> 4)

// On-chip memory of a kernel: staging for two tiles of rows, transposed, or STEP rows of a result; and a tile of scores.
#define STAGE_FLOATS (2 * DEPTH * PITCH)
#define TILE_FLOATS (SIDE * PITCH)

// stage[d][row] = rows[row][first + d], zeros beyond the rows and the head. Rows are stride elements apart.
DEVICE void load_transposed(LOCAL float* stage, GLOBAL const real* rows, int stride, int count, int first)
{
    int d = LOCAL_ID(0) % DEPTH, begin = LOCAL_ID(0) / DEPTH;
    GLOBAL const real* from = rows + (int64)begin * stride + first + d;
    LOCAL float* to = stage + d * PITCH + begin;
    if (first + d >= HEAD_SIZE)
        count = 0;
    for (int row = 0; row < SIDE; row += THREADS / DEPTH)
    {
        to[row] = begin + row < count ? LOAD_REAL(from, 0) : 0;
        from += (int64)(THREADS / DEPTH) * stride;
    }
}

// stage[row][d] = rows[row][d] for STEP rows from first on, zeros beyond the rows and the head.
DEVICE void load_rows(LOCAL float* stage, GLOBAL const real* rows, int stride, int count, int first)
{
    int d = LOCAL_ID(0) % 64, begin = LOCAL_ID(0) / 64;
    for (int row = begin; row < STEP; row += THREADS / 64)
    {
        GLOBAL const real* from = rows + (int64)(first + row) * stride;
#pragma unroll
        for (int part = 0; part < PARTS; part++)
        {
            int at = part * 64 + d;
            stage[row * WIDTH + at] = first + row < count && at < HEAD_SIZE ? LOAD_REAL(from, at) : 0;
        }
    }
}

// product[i][j] = a[4 ty + i] . b[4 tx + j]. Ends at a barrier.
DEVICE void multiply_rows(
    float product[4][4], LOCAL float* stage, GLOBAL const real* a, int strideA, int countA, GLOBAL const real* b, int strideB, int countB)
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            product[i][j] = 0;
    LOCAL float* stageB = stage + DEPTH * PITCH;
    for (int first = 0; first < HEAD_SIZE; first += DEPTH)
    {
        load_transposed(stage, a, strideA, countA, first);
        load_transposed(stageB, b, strideB, countB, first);
        BARRIER();
#pragma unroll 4
        for (int d = 0; d < DEPTH; d++)
        {
            float4 x = LOAD4(stage + d * PITCH + 4 * THREAD_Y), y = LOAD4(stageB + d * PITCH + 4 * THREAD_X);
            float xs[4] = {x.x, x.y, x.z, x.w}, ys[4] = {y.x, y.y, y.z, y.w};
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    product[i][j] = FMA(xs[i], ys[j], product[i][j]);
        }
        BARRIER();
    }
}

// sums[i][..] += the sum over k of tile[k][4 ty + i] rows[k][..], over count rows. Ends at a barrier.
DEVICE void add_rows(
    float sums[4][4 * PARTS], LOCAL const float* tile, LOCAL float* stage, GLOBAL const real* rows, int stride, int count)
{
    for (int first = 0; first < count; first += STEP)
    {
        load_rows(stage, rows, stride, count, first);
        BARRIER();
#pragma unroll 2
        for (int k = 0; k < STEP; k++)
        {
            float4 x = LOAD4(tile + (first + k) * PITCH + 4 * THREAD_Y);
            float xs[4] = {x.x, x.y, x.z, x.w};
#pragma unroll
            for (int part = 0; part < PARTS; part++)
            {
                float4 y = LOAD4(stage + k * WIDTH + part * 64 + 4 * THREAD_X);
                float ys[4] = {y.x, y.y, y.z, y.w};
#pragma unroll
                for (int i = 0; i < 4; i++)
#pragma unroll
                    for (int j = 0; j < 4; j++)
                        sums[i][4 * part + j] = FMA(xs[i], ys[j], sums[i][4 * part + j]);
            }
        }
        BARRIER();
    }
}

// tile[4 tx + j][4 ty + i] = values[i][j].
DEVICE void store_transposed(LOCAL float* tile, float values[4][4])
{
#pragma unroll
    for (int j = 0; j < 4; j++)
    {
        float4 column;
        column.x = values[0][j], column.y = values[1][j], column.z = values[2][j], column.w = values[3][j];
        STORE4(tile + (4 * THREAD_X + j) * PITCH + 4 * THREAD_Y, column);
    }
}

// rows[4 ty + i][..] = sums[i][..] * factors[i], for the rows that there are.
DEVICE void store_rows(GLOBAL real* rows, int stride, int count, float sums[4][4 * PARTS], const float factors[4])
{
    for (int i = 0; i < 4; i++)
        for (int part = 0; part < PARTS; part++)
            for (int j = 0; j < 4; j++)
            {
                int row = 4 * THREAD_Y + i, d = part * 64 + 4 * THREAD_X + j;
                if (row < count && d < HEAD_SIZE)
                    STORE_REAL(rows, (int64)row * stride + d, sums[i][4 * part + j] * factors[i]);
            }
}

DEVICE void clear_sums(float sums[4][4 * PARTS])
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4 * PARTS; j++)
            sums[i][j] = 0;
}

// The keys that a query at a position sees are [first_key, end_key); window 0 is all.
DEVICE int first_key(int position, int window)
{
    return window > 0 && position - window + 1 > 0 ? position - window + 1 : 0;
}

DEVICE int end_key(int position, int causal, int keys)
{
    return !causal || position >= keys ? keys : position < 0 ? 0 : position + 1;
}
