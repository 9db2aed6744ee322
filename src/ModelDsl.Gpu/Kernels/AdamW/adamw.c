// One step of AdamW (Kingma and Ba, 2015; Loshchilov and Hutter, 2019) over a flat range of weights: reads weights,
// gradients and both moments once, writes the weights and moments, and a bf16 copy of the weights if one is kept.
// Four elements per thread: 16-byte accesses, all loads issued before the first result is needed.
// -DREAL_BF16: the gradients are bf16.

// boundaries: ascending indices at which weight decay is switched off and on; it is on before the first. There may be none.
// clip: a factor of the gradients, or null. If it is NaN (the norm was not finite) nothing is changed.
// step = -rate / (1 - beta1^t), rootCorrection = 1 / sqrt(1 - beta2^t), keep = 1 - rate * decay.
KERNEL_BOUNDS(adamw, 256)(
    GLOBAL float* RESTRICT weights, GLOBAL const real* RESTRICT gradients, GLOBAL float* RESTRICT first,
    GLOBAL float* RESTRICT second, GLOBAL bf16* RESTRICT copy, int64 count,
    GLOBAL const int64* RESTRICT boundaries, int boundaryCount, GLOBAL const float* RESTRICT clip, float gradientScale,
    float beta1, float beta2, float epsilon, float step, float rootCorrection, float keep)
{
    int64 begin = ELEMENT * 4;
    if (begin >= count)
        return;
    int n = count - begin < 4 ? (int)(count - begin) : 4;
    float w[4], g[4], m[4], v[4];
    if (n == 4)
    {
        float4 w4 = LOAD4(weights + begin), g4 = LOAD4_REAL(gradients, begin);
        float4 m4 = LOAD4(first + begin), v4 = LOAD4(second + begin);
        w[0] = w4.x, w[1] = w4.y, w[2] = w4.z, w[3] = w4.w;
        g[0] = g4.x, g[1] = g4.y, g[2] = g4.z, g[3] = g4.w;
        m[0] = m4.x, m[1] = m4.y, m[2] = m4.z, m[3] = m4.w;
        v[0] = v4.x, v[1] = v4.y, v[2] = v4.z, v[3] = v4.w;
    }
    else
        for (int i = 0; i < 4; i++)
        {
            int64 place = begin + (i < n ? i : 0);
            w[i] = weights[place], g[i] = LOAD_REAL(gradients, place), m[i] = first[place], v[i] = second[place];
        }

    float scale = clip != 0 ? gradientScale * clip[0] : gradientScale;
    if (scale != scale)
        return;

    // The number of boundaries at or before the first element.
    int passed = 0;
    for (int after = boundaryCount; passed < after;)
    {
        int middle = (passed + after) >> 1;
        if (boundaries[middle] <= begin)
            passed = middle + 1;
        else
            after = middle;
    }

    bool single = passed == boundaryCount || boundaries[passed] >= begin + 4; // no boundary between the four

    float rest1 = 1 - beta1, rest2 = 1 - beta2;
    for (int i = 0; i < 4; i++)
    {
        while (!single && passed < boundaryCount && boundaries[passed] <= begin + i)
            passed++;
        float gradient = g[i] * scale;
        m[i] = FMA(beta1, m[i], rest1 * gradient);
        v[i] = FMA(beta2, v[i], rest2 * (gradient * gradient));
        float direction = m[i] / FMA(SQRT(v[i]), rootCorrection, epsilon);
        w[i] = FMA(step, direction, (passed & 1) == 0 ? keep * w[i] : w[i]);
    }

    if (n == 4)
    {
        float4 w4, m4, v4;
        w4.x = w[0], w4.y = w[1], w4.z = w[2], w4.w = w[3];
        m4.x = m[0], m4.y = m[1], m4.z = m[2], m4.w = m[3];
        v4.x = v[0], v4.y = v[1], v4.z = v[2], v4.w = v[3];
        STORE4(weights + begin, w4);
        STORE4(first + begin, m4);
        STORE4(second + begin, v4);
        if (copy != 0)
            STORE4_BF16(copy, begin, w4);
    }
    else
        for (int i = 0; i < n; i++)
        {
            weights[begin + i] = w[i], first[begin + i] = m[i], second[begin + i] = v[i];
            if (copy != 0)
                STORE_BF16(copy, begin + i, w[i]);
        }
}
