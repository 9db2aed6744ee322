// The backward pass of attention in tiles of 64 queries and 64 keys (Dao, 2023). With P the probabilities, recomputed
// from LogSumExp, dP = dO V^T and delta = rowsum(dO O): dV = P^T dO, dS = P (dP - delta) times the slope of the cap,
// dQ = scale dS K, dK = scale dS^T Q. One group sums each result, query heads that share a key head in their order.

// delta[b][h][t] = the sum over d of output * gradient; sixteen threads per row.
KERNEL_BOUNDS(attention_delta, THREADS)(
    GLOBAL const real* RESTRICT output, int outputStride, GLOBAL const real* RESTRICT gradient, int gradientStride,
    GLOBAL float* RESTRICT delta, int sequences, int queries, int heads)
{
    SHARED float parts[THREADS];
    int64 row = (int64)ROW * 16 + THREAD_Y; // in [b][t][h]
    int64 token = row / heads;
    int head = (int)(row % heads);
    float sum = 0;
    if (token < (int64)sequences * queries)
        for (int d = THREAD_X; d < HEAD_SIZE; d += 16)
            sum = FMA(
                LOAD_REAL(output, token * outputStride + head * HEAD_SIZE + d),
                LOAD_REAL(gradient, token * gradientStride + head * HEAD_SIZE + d), sum);
    parts[LOCAL_ID(0)] = sum;
    BARRIER();
    if (THREAD_X != 0 || token >= (int64)sequences * queries)
        return;
    for (int i = 1; i < 16; i++)
        sum += parts[LOCAL_ID(0) + i];
    delta[(token / queries * heads + head) * queries + token % queries] = sum;
}

// From a product of a query and a key to the probability, and from dP to dS; both 0 where the query does not see the key.
DEVICE void softmax_gradient(float* p, float* s, float scale, float cap, float logSumExp, float delta, bool visible)
{
    float score = *p * scale, ds = *s - delta;
#ifdef SOFT_CAP
    float bent = TANH(score / cap);
    score = cap * bent;
    ds *= 1 - bent * bent;
#endif
    *p = visible ? EXP(score - logSumExp) : 0;
    *s = visible ? *p * ds : 0;
}

// dQ of a tile of queries of one head; groups as in the forward pass.
KERNEL_BOUNDS(attention_query_gradient, THREADS)(
    GLOBAL const real* RESTRICT query, GLOBAL const real* RESTRICT key, GLOBAL const real* RESTRICT value,
    GLOBAL const float* RESTRICT logSumExp, GLOBAL const float* RESTRICT delta, GLOBAL const real* RESTRICT gradient,
    GLOBAL real* RESTRICT queryGradient, int sequences, int queries, int keys, int heads, int group, int queryStride,
    int keyStride, int valueStride, int gradientStride, int queryGradientStride, float scale, int causal, int window, float cap,
    int queryStart)
{
    SHARED float stage[STAGE_FLOATS];
    SHARED float tile[TILE_FLOATS]; // dS: [key][query]

    int tiles = (queries + SIDE - 1) / SIDE;
    int head = ROW % (sequences * heads), first = (tiles - 1 - ROW / (sequences * heads)) * SIDE;
    int64 sequence = head / heads, place = head % heads;
    int count = queries - first < SIDE ? queries - first : SIDE, position = queryStart + first;
    GLOBAL const real* q = query + (sequence * queries + first) * queryStride + place * HEAD_SIZE;
    GLOBAL const real* dO = gradient + (sequence * queries + first) * gradientStride + place * HEAD_SIZE;
    GLOBAL const real* k = key + sequence * keys * keyStride + place / group * HEAD_SIZE;
    GLOBAL const real* v = value + sequence * keys * valueStride + place / group * HEAD_SIZE;

    float rowLogSumExp[4], rowDelta[4], sums[4][4 * PARTS];
    clear_sums(sums);
    for (int i = 0; i < 4; i++)
    {
        int row = 4 * THREAD_Y + i;
        int64 at = (int64)head * queries + first + (row < count ? row : 0);
        rowLogSumExp[i] = logSumExp[at], rowDelta[i] = delta[at];
    }
    int end = end_key(position + count - 1, causal, keys);
    for (int s = first_key(position, window) / SIDE * SIDE; s < end; s += SIDE)
    {
        int there = keys - s < SIDE ? keys - s : SIDE;
        float p[4][4], ds[4][4];
        multiply_rows(p, stage, q, queryStride, count, k + (int64)s * keyStride, keyStride, there);
        multiply_rows(ds, stage, dO, gradientStride, count, v + (int64)s * valueStride, valueStride, there);
#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            int row = 4 * THREAD_Y + i;
            int begin = first_key(position + row, window), stop = row < count ? end_key(position + row, causal, keys) : 0;
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
                int at = s + 4 * THREAD_X + j;
                softmax_gradient(&p[i][j], &ds[i][j], scale, cap, rowLogSumExp[i], rowDelta[i], at >= begin && at < stop);
            }
        }
        store_transposed(tile, ds);
        BARRIER();
        add_rows(sums, tile, stage, k + (int64)s * keyStride, keyStride, there);
    }
    float factors[4] = {scale, scale, scale, scale};
    store_rows(queryGradient + (sequence * queries + first) * queryGradientStride + place * HEAD_SIZE, queryGradientStride, count, sums, factors);
}

// dK and dV of a tile of keys of one key head. Group g: head g % (batch * key heads), tile of keys from the first on, which
// most queries see.
KERNEL_BOUNDS(attention_key_gradient, THREADS)(
    GLOBAL const real* RESTRICT query, GLOBAL const real* RESTRICT key, GLOBAL const real* RESTRICT value,
    GLOBAL const float* RESTRICT logSumExp, GLOBAL const float* RESTRICT delta, GLOBAL const real* RESTRICT gradient,
    GLOBAL real* RESTRICT keyGradient, GLOBAL real* RESTRICT valueGradient, int sequences, int queries, int keys, int heads, int group,
    int queryStride, int keyStride, int valueStride, int gradientStride, int keyGradientStride, int valueGradientStride, float scale,
    int causal, int window, float cap, int queryStart)
{
    SHARED float stage[STAGE_FLOATS];
    SHARED float tile[TILE_FLOATS]; // P, then dS: [query][key]

    int keyHeads = heads / group;
    int head = ROW % (sequences * keyHeads), s = ROW / (sequences * keyHeads) * SIDE;
    int64 sequence = head / keyHeads, place = head % keyHeads;
    int there = keys - s < SIDE ? keys - s : SIDE;
    GLOBAL const real* k = key + (sequence * keys + s) * keyStride + place * HEAD_SIZE;
    GLOBAL const real* v = value + (sequence * keys + s) * valueStride + place * HEAD_SIZE;

    float keySums[4][4 * PARTS], valueSums[4][4 * PARTS];
    clear_sums(keySums);
    clear_sums(valueSums);

    // The queries that see one of these keys.
    int64 earliest = causal && s > queryStart ? (int64)s - queryStart : 0, latest = (int64)s + there - 1 + window - queryStart;
    int begin = (int)(earliest < queries ? earliest / SIDE * SIDE : queries);
    int end = window > 0 && latest < queries ? (int)(latest > 0 ? latest : 0) : queries;
    for (int own = 0; own < group; own++)
        for (int t = begin; t < end; t += SIDE)
        {
            int count = queries - t < SIDE ? queries - t : SIDE;
            int64 token = sequence * queries + t, queryHead = place * group + own, row = (sequence * heads + queryHead) * queries + t;
            GLOBAL const real* q = query + token * queryStride + queryHead * HEAD_SIZE;
            GLOBAL const real* dO = gradient + token * gradientStride + queryHead * HEAD_SIZE;
            float p[4][4], ds[4][4];
            multiply_rows(p, stage, k, keyStride, there, q, queryStride, count);
            multiply_rows(ds, stage, v, valueStride, there, dO, gradientStride, count);
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
                int column = 4 * THREAD_X + j, position = queryStart + t + column, inside = column < count ? column : 0;
                float columnLogSumExp = logSumExp[row + inside], columnDelta = delta[row + inside];
                int from = first_key(position, window), upTo = column < count ? end_key(position, causal, keys) : 0;
#pragma unroll
                for (int i = 0; i < 4; i++)
                {
                    int at = s + 4 * THREAD_Y + i;
                    softmax_gradient(&p[i][j], &ds[i][j], scale, cap, columnLogSumExp, columnDelta, at >= from && at < upTo);
                }
            }
            store_transposed(tile, p);
            BARRIER();
            add_rows(valueSums, tile, stage, dO, gradientStride, count);
            store_transposed(tile, ds);
            BARRIER();
            add_rows(keySums, tile, stage, q, queryStride, count);
        }
    float one[4] = {1, 1, 1, 1}, factors[4] = {scale, scale, scale, scale};
    store_rows(valueGradient + (sequence * keys + s) * valueGradientStride + place * HEAD_SIZE, valueGradientStride, there, valueSums, one);
    store_rows(keyGradient + (sequence * keys + s) * keyGradientStride + place * HEAD_SIZE, keyGradientStride, there, keySums, factors);
}
