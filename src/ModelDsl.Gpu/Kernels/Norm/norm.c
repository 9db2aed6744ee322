// The Euclidean norm of gradients and the factor that clips them, in two passes and a fixed order: the same bits each run.
// Squares of large values would overflow fp32, so values from 2^40 on are summed separately, scaled by 2^-90 (after Blue,
// 1978, and Anderson, 2017). -DREAL_BF16: the values are bf16.

#define CHUNK 16384 // elements of a group, a multiple of 1024
#define LARGE AS_FLOAT(0x53800000u) // 2^40
#define SHRINK AS_FLOAT(0x12800000u) // 2^-90
#define GROW AS_FLOAT(0x6c800000u) // 2^90

// partials[2 * group] = the sum of squares below 2^40, [2 * group + 1] = that of the others, scaled.
KERNEL_BOUNDS(square_sums, 256)(GLOBAL const real* RESTRICT values, int64 count, int aligned, GLOBAL float* RESTRICT partials)
{
    SHARED float scratch[256];
    int64 begin = (int64)ROW * CHUNK, end = begin + CHUNK < count ? begin + CHUNK : count;
    float sum[4] = {0, 0, 0, 0}, large = 0;
    for (int64 i = begin + LOCAL_ID(0) * 4; i < end; i += 1024)
    {
        float x[4] = {0, 0, 0, 0};
        if (aligned && i + 4 <= end)
        {
            float4 four = LOAD4_REAL(values, i);
            x[0] = four.x, x[1] = four.y, x[2] = four.z, x[3] = four.w;
        }
        else
            for (int j = 0; j < 4; j++)
                if (i + j < end)
                    x[j] = LOAD_REAL(values, i + j);
        for (int j = 0; j < 4; j++)
        {
            bool isLarge = ABS(x[j]) >= LARGE; // not where NaN
            float usual = isLarge ? 0 : x[j], shrunk = isLarge ? x[j] * SHRINK : 0;
            sum[j] = FMA(usual, usual, sum[j]);
            large = FMA(shrunk, shrunk, large);
        }
    }
    float total = GROUP_SUM((sum[0] + sum[1]) + (sum[2] + sum[3]), scratch);
    float totalLarge = GROUP_SUM(large, scratch);
    if (LOCAL_ID(0) == 0)
    {
        partials[2 * (int64)ROW] = total;
        partials[2 * (int64)ROW + 1] = totalLarge;
    }
}

// One group: result[0] = the norm, result[1] = limit / norm if the norm exceeds limit (0 means none), else 1; NaN if
// the norm is not finite.
KERNEL_BOUNDS(norm_and_factor, 256)(GLOBAL const float* RESTRICT partials, int count, float limit, GLOBAL float* RESTRICT result)
{
    SHARED float scratch[256];
    float sum = 0, large = 0;
    for (int i = LOCAL_ID(0); i < count; i += 256)
    {
        sum += partials[2 * (int64)i];
        large += partials[2 * (int64)i + 1];
    }
    sum = GROUP_SUM(sum, scratch);
    large = GROUP_SUM(large, scratch);
    if (LOCAL_ID(0) == 0)
    {
        float norm = large == 0 ? SQRT(sum) : SQRT(large + sum * SHRINK * SHRINK) * GROW;
        result[0] = norm;
        result[1] = norm - norm != 0 ? norm - norm : limit > 0 && norm > limit ? limit / norm : 1;
    }
}
