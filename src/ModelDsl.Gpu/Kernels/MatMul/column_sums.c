// sums[n] = the sum over m of x[M, N], row-major, in fp32 and in a fixed order.
//
// A group of 256 threads takes 16 columns: thread (i, j) sums rows i, i + 16, ... of column j, then the 16 parts are added.
//
// LOAD_X, STORE_SUM                  LOAD_F32, ... LOAD_BF16, ...: how an element of x is read and a sum is written
// TYPE_X, TYPE_SUM                   float, bf16 or fp16

#define COLUMNS 16
#define PARTS 16

KERNEL_BOUNDS(column_sums, COLUMNS * PARTS)(GLOBAL const TYPE_X* RESTRICT x, GLOBAL TYPE_SUM* RESTRICT sums, int M, int N, int64 stride)
{
    SHARED float parts[PARTS * COLUMNS];
    const int id = LOCAL_ID(0), column = GROUP_ID(0) * COLUMNS + id % COLUMNS;
    float sum = 0.0f;
    if (column < N)
        for (int row = id / COLUMNS; row < M; row += PARTS)
            sum += LOAD_X(x, row * stride + column);
    parts[id] = sum;
    BARRIER();
    if (id < COLUMNS && column < N)
    {
        for (int part = 1; part < PARTS; part++)
            sum += parts[part * COLUMNS + id];
        STORE_SUM(sums, column, sum);
    }
}
