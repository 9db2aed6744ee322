// The largest magnitude of a tensor, and the scale that brings it to the largest 8-bit float, in two passes.
// -DREAL_BF16, -DREAL_FP16: the type of the values.

#define CHUNK 16384 // elements of a group

// The larger of two magnitudes; NaN if one is NaN. Their bits are ordered like their values, NaN above all.
DEVICE float larger(float a, float b)
{
    return AS_UINT(a) > AS_UINT(b) ? a : b;
}

DEVICE float largest_of_group(float own, LOCAL float* scratch)
{
    scratch[LOCAL_ID(0)] = own;
    BARRIER();
    for (int distance = 128; distance > 0; distance /= 2)
    {
        if (LOCAL_ID(0) < distance)
            scratch[LOCAL_ID(0)] = larger(scratch[LOCAL_ID(0)], scratch[LOCAL_ID(0) + distance]);
        BARRIER();
    }
    return scratch[0];
}

KERNEL_BOUNDS(largest_of_chunks, 256)(GLOBAL const real* RESTRICT values, int64 count, int aligned, GLOBAL float* RESTRICT partials)
{
    SHARED float scratch[256];
    int64 begin = (int64)ROW * CHUNK, end = begin + CHUNK < count ? begin + CHUNK : count;
    float own = 0;
    for (int64 i = begin + LOCAL_ID(0) * 4; i < end; i += 1024)
        if (aligned && i + 4 <= end)
        {
            float4 x = LOAD4_REAL(values, i);
            own = larger(own, larger(larger(ABS(x.x), ABS(x.y)), larger(ABS(x.z), ABS(x.w))));
        }
        else
            for (int64 j = i; j < i + 4 && j < end; j++)
                own = larger(own, ABS(LOAD_REAL(values, j)));
    own = largest_of_group(own, scratch);
    if (LOCAL_ID(0) == 0)
        partials[ROW] = own;
}

// One group: result[0] = the largest magnitude, [1] = limit divided by it, the scale for the 8-bit type whose largest value
// is limit, [2] = its inverse; both 1 if the largest is 0 or not finite, or so small that the scale would not be finite.
KERNEL_BOUNDS(largest_and_scale, 256)(GLOBAL const float* RESTRICT partials, int count, float limit, GLOBAL float* RESTRICT result)
{
    SHARED float scratch[256];
    float own = 0;
    for (int i = LOCAL_ID(0); i < count; i += 256)
        own = larger(own, partials[i]);
    own = largest_of_group(own, scratch);
    if (LOCAL_ID(0) == 0)
    {
        float scale = limit / own;
        bool usable = own - own == 0 && own > 0 && scale - scale == 0;
        result[0] = own;
        result[1] = usable ? scale : 1;
        result[2] = usable ? own / limit : 1;
    }
}
