// D[M, N] = epilogue(alpha A[M, K] B[K, N] + beta D), row-major, sums in fp32.
//
// A group of 256 threads computes one TILE x TILE block of D. For STEP values of k at a time the blocks of A and B that it
// needs are in on-chip memory as [k][row of A] and [k][column of B], however the operands are stored; the next
// two are loaded from global memory into registers meanwhile. Each thread owns every four-by-four square of D
// whose corner is (64 i + 4 ty, 64 j + 4 tx), so that it reads the on-chip blocks four floats at a time.
//
// TILE                               64 or 128
// TYPE_A, LOAD_A, LOAD4_A            float, LOAD_F32, LOAD4_F32, or those of bf16 or fp16: how A is stored; B, D alike
// STORE_D, STORE4_D                  STORE_F32, ...
// TRANSPOSED_A, TRANSPOSED_B         0 or 1: A is stored [K, M], B is stored [N, K]
// VECTOR_A, VECTOR_B, VECTOR_D       1 if rows begin at multiples of four elements
// BIAS, GELU, AUXILIARY, GRADIENT    0 or 1: add bias[n]; apply gelu; store gelu's argument; multiply by gelu' of it

#define STEP 16
#define THREADS 256
#define PITCH (TILE + 4)                              // keeps 16-byte alignment, spreads the banks
#define SQUARES (TILE / 64)                           // a thread's squares along each axis
#define VECTORS (TILE * STEP / 4 / THREADS)           // float4 that a thread loads of each block

// Four elements of a stored row from column `column` on; 0 outside [rows, columns].
#define FETCH(name, type, load, load4, vector)                                                                          \
    DEVICE float4 name(GLOBAL const type* x, int64 stride, int row, int rows, int column, int columns)                  \
    {                                                                                                                   \
        float4 v;                                                                                                       \
        v.x = v.y = v.z = v.w = 0.0f;                                                                                   \
        if (row >= rows)                                                                                                \
            return v;                                                                                                   \
        x += row * stride;                                                                                              \
        if (vector && column + 4 <= columns)                                                                            \
            return load4(x, column);                                                                                    \
        if (column < columns)                                                                                           \
            v.x = load(x, column);                                                                                      \
        if (column + 1 < columns)                                                                                       \
            v.y = load(x, column + 1);                                                                                  \
        if (column + 2 < columns)                                                                                       \
            v.z = load(x, column + 2);                                                                                  \
        if (column + 3 < columns)                                                                                       \
            v.w = load(x, column + 3);                                                                                  \
        return v;                                                                                                       \
    }

FETCH(fetch_a, TYPE_A, LOAD_A, LOAD4_A, VECTOR_A)
FETCH(fetch_b, TYPE_B, LOAD_B, LOAD4_B, VECTOR_B)
FETCH(fetch_d, TYPE_D, LOAD_D, LOAD4_D, VECTOR_D)

DEVICE void store_d(GLOBAL TYPE_D* row, int column, int columns, float4 v)
{
    if (VECTOR_D && column + 4 <= columns)
    {
        STORE4_D(row, column, v);
        return;
    }
    if (column < columns)
        STORE_D(row, column, v.x);
    if (column + 1 < columns)
        STORE_D(row, column + 1, v.y);
    if (column + 2 < columns)
        STORE_D(row, column + 2, v.z);
    if (column + 3 < columns)
        STORE_D(row, column + 3, v.w);
}

// The position of vector `index` of a block: `line` is k if a stored row runs along the block's side, else the side.
DEVICE int vector_line(int index, int along_side) { return along_side ? index / (TILE / 4) : index / (STEP / 4); }
DEVICE int vector_start(int index, int along_side) { return along_side ? index % (TILE / 4) * 4 : index % (STEP / 4) * 4; }

DEVICE void place(LOCAL float* block, int index, int along_side, float4 v)
{
    int line = vector_line(index, along_side), start = vector_start(index, along_side);
    if (along_side)
    {
        STORE4(block + line * PITCH + start, v);
        return;
    }
    block[(start + 0) * PITCH + line] = v.x;
    block[(start + 1) * PITCH + line] = v.y;
    block[(start + 2) * PITCH + line] = v.z;
    block[(start + 3) * PITCH + line] = v.w;
}

#define GELU_SCALE 0.7978845608f                      // sqrt(2 / pi)
#define GELU_CUBE 0.044715f

// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel, 2016).
DEVICE float gelu(float x)
{
    return 0.5f * x * (1.0f + TANH(GELU_SCALE * (x + GELU_CUBE * x * x * x)));
}

DEVICE float gelu_gradient(float x)
{
    float t = TANH(GELU_SCALE * (x + GELU_CUBE * x * x * x));
    return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * GELU_SCALE * (1.0f + 3.0f * GELU_CUBE * x * x);
}

KERNEL_BOUNDS(matmul, THREADS)(
    GLOBAL const TYPE_A* RESTRICT a, GLOBAL const TYPE_B* RESTRICT b, GLOBAL TYPE_D* RESTRICT d,
    GLOBAL const TYPE_D* RESTRICT bias, GLOBAL TYPE_D* RESTRICT auxiliary,
    int M, int N, int K, int64 stride_a, int64 stride_b, int64 stride_d, int64 stride_auxiliary, float alpha, float beta)
{
    SHARED float block_a[STEP * PITCH];
    SHARED float block_b[STEP * PITCH];
    const int id = LOCAL_ID(0), tx = id % 16, ty = id / 16;
    const int row0 = GROUP_ID(1) * TILE, column0 = GROUP_ID(0) * TILE;

    float sums[4 * SQUARES][4 * SQUARES];
    #pragma unroll
    for (int i = 0; i < 4 * SQUARES; i++)
        #pragma unroll
        for (int j = 0; j < 4 * SQUARES; j++)
            sums[i][j] = 0.0f;

    float4 next_a[VECTORS], next_b[VECTORS];
    for (int k0 = -STEP; k0 < K; k0 += STEP)
    {
        #pragma unroll
        for (int v = 0; v < VECTORS; v++)
        {
            int index = id + v * THREADS, k = k0 + STEP;
            next_a[v] = TRANSPOSED_A
                ? fetch_a(a, stride_a, k + vector_line(index, 1), K, row0 + vector_start(index, 1), M)
                : fetch_a(a, stride_a, row0 + vector_line(index, 0), M, k + vector_start(index, 0), K);
            next_b[v] = TRANSPOSED_B
                ? fetch_b(b, stride_b, column0 + vector_line(index, 0), N, k + vector_start(index, 0), K)
                : fetch_b(b, stride_b, k + vector_line(index, 1), K, column0 + vector_start(index, 1), N);
        }
        if (k0 >= 0)
        {
            #pragma unroll 4
            for (int k = 0; k < STEP; k++)
            {
                float x[4 * SQUARES], y[4 * SQUARES];
                #pragma unroll
                for (int s = 0; s < SQUARES; s++)
                {
                    float4 u = LOAD4(block_a + k * PITCH + s * 64 + ty * 4), w = LOAD4(block_b + k * PITCH + s * 64 + tx * 4);
                    x[4 * s] = u.x, x[4 * s + 1] = u.y, x[4 * s + 2] = u.z, x[4 * s + 3] = u.w;
                    y[4 * s] = w.x, y[4 * s + 1] = w.y, y[4 * s + 2] = w.z, y[4 * s + 3] = w.w;
                }
                #pragma unroll
                for (int i = 0; i < 4 * SQUARES; i++)
                    #pragma unroll
                    for (int j = 0; j < 4 * SQUARES; j++)
                        sums[i][j] = FMA(x[i], y[j], sums[i][j]);
            }
        }
        BARRIER(); // everyone is done with the blocks
        #pragma unroll
        for (int v = 0; v < VECTORS; v++)
        {
            place(block_a, id + v * THREADS, TRANSPOSED_A, next_a[v]);
            place(block_b, id + v * THREADS, !TRANSPOSED_B, next_b[v]);
        }
        BARRIER(); // the next blocks are there
    }

    #pragma unroll
    for (int i = 0; i < 4 * SQUARES; i++)
    {
        int row = row0 + i / 4 * 64 + ty * 4 + i % 4;
        if (row >= M)
            continue;
        #pragma unroll
        for (int s = 0; s < SQUARES; s++)
        {
            int column = column0 + s * 64 + tx * 4;
            float4 v;
            v.x = alpha * sums[i][4 * s], v.y = alpha * sums[i][4 * s + 1], v.z = alpha * sums[i][4 * s + 2], v.w = alpha * sums[i][4 * s + 3];
            if (beta != 0.0f)
            {
                float4 c = fetch_d(d, stride_d, row, M, column, N);
                v.x = FMA(beta, c.x, v.x), v.y = FMA(beta, c.y, v.y), v.z = FMA(beta, c.z, v.z), v.w = FMA(beta, c.w, v.w);
            }
            if (BIAS)
            {
                float4 c = fetch_d(bias, 0, 0, 1, column, N);
                v.x += c.x, v.y += c.y, v.z += c.z, v.w += c.w;
            }
            if (AUXILIARY)
                store_d(auxiliary + row * stride_auxiliary, column, N, v);
            if (GELU)
                v.x = gelu(v.x), v.y = gelu(v.y), v.z = gelu(v.z), v.w = gelu(v.w);
            if (GRADIENT)
            {
                float4 c = fetch_d(auxiliary, stride_auxiliary, row, M, column, N);
                v.x *= gelu_gradient(c.x), v.y *= gelu_gradient(c.y), v.z *= gelu_gradient(c.z), v.w *= gelu_gradient(c.w);
            }
            store_d(d + row * stride_d, column, N, v);
        }
    }
}
