// y[r, w] = x[r, w] * rsqrt(mean over w of x[r, w]^2 + eps) * scale[w]      (Zhang and Sennrich, 2019)
// One group per row. x [R, W] and y [R, W] in bf16, scale [W] in fp32; sums in fp32.
KERNEL_BOUNDS(rms_norm, 256)(GLOBAL const bf16* x, GLOBAL const float* scale, GLOBAL bf16* y, int width, float eps)
{
    SHARED float scratch[256];
    int64 row = (int64)ROW * width;

    float squares = 0;
    for (int w = LOCAL_ID(0); w < width; w += GROUP_SIZE(0))
    {
        float value = LOAD_BF16(x, row + w);
        squares = FMA(value, value, squares);
    }
    float factor = RSQRT(GROUP_SUM(squares, scratch) / width + eps);

    for (int w = LOCAL_ID(0); w < width; w += GROUP_SIZE(0))
        STORE_BF16(y, row + w, LOAD_BF16(x, row + w) * factor * scale[w]);
}
