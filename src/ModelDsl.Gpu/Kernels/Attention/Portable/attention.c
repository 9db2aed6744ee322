// The forward pass of attention in tiles of 64 queries and 64 keys, without a matrix of scores (Dao, 2023): one group per tile
// of queries of one head iterates over the keys with a running maximum and sum for each row (Milakov and Gimelshein, 2018).

DEVICE float capped(float score, float cap)
{
#ifdef SOFT_CAP
    return cap * TANH(score / cap);
#else
    return score;
#endif
}

// Group g: head g % (batch * heads), tiles of queries from the last on, which see the most keys.
KERNEL_BOUNDS(attention_forward, THREADS)(
    GLOBAL const real* RESTRICT query, GLOBAL const real* RESTRICT key, GLOBAL const real* RESTRICT value,
    GLOBAL real* RESTRICT output, GLOBAL float* RESTRICT logSumExp, int sequences, int queries, int keys, int heads, int group,
    int queryStride, int keyStride, int valueStride, int outputStride, float scale, int causal, int window, float cap, int queryStart)
{
    SHARED float stage[STAGE_FLOATS];
    SHARED float tile[TILE_FLOATS]; // scores, then probabilities: [key][query]
    SHARED float quarters[4 * SIDE];
    SHARED float maximum[SIDE];
    SHARED float total[SIDE];
    SHARED float rescale[SIDE];

    int tiles = (queries + SIDE - 1) / SIDE;
    int head = ROW % (sequences * heads), first = (tiles - 1 - ROW / (sequences * heads)) * SIDE;
    int64 sequence = head / heads, place = head % heads;
    int count = queries - first < SIDE ? queries - first : SIDE, position = queryStart + first;
    GLOBAL const real* q = query + (sequence * queries + first) * queryStride + place * HEAD_SIZE;
    GLOBAL const real* k = key + sequence * keys * keyStride + place / group * HEAD_SIZE;
    GLOBAL const real* v = value + sequence * keys * valueStride + place / group * HEAD_SIZE;

    float sums[4][4 * PARTS];
    clear_sums(sums);
    int id = LOCAL_ID(0), row = id & (SIDE - 1), quarter = id / SIDE; // of the softmax: a row's keys quarter + 4 n
    if (id < SIDE)
    {
        maximum[id] = -INFINITY;
        total[id] = 0;
    }
    int rowBegin = first_key(position + row, window), rowEnd = row < count ? end_key(position + row, causal, keys) : 0;
    int end = end_key(position + count - 1, causal, keys);
    for (int s = first_key(position, window) / SIDE * SIDE; s < end; s += SIDE)
    {
        int there = keys - s < SIDE ? keys - s : SIDE;
        float scores[4][4];
        multiply_rows(scores, stage, q, queryStride, count, k + (int64)s * keyStride, keyStride, there);
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                scores[i][j] = capped(scores[i][j] * scale, cap);
        store_transposed(tile, scores);
        BARRIER();

        float highest = -INFINITY;
        for (int n = quarter; n < SIDE; n += 4)
            if (s + n >= rowBegin && s + n < rowEnd)
                highest = FMAX(highest, tile[n * PITCH + row]);
        quarters[id] = highest;
        BARRIER();
        float before = maximum[row];
        highest = FMAX(before, FMAX(FMAX(quarters[row], quarters[SIDE + row]), FMAX(quarters[2 * SIDE + row], quarters[3 * SIDE + row])));
        float shift = highest == -INFINITY ? 0 : highest, sum = 0;
        for (int n = quarter; n < SIDE; n += 4)
        {
            float p = s + n >= rowBegin && s + n < rowEnd ? EXP(tile[n * PITCH + row] - shift) : 0;
            tile[n * PITCH + row] = p;
            sum += p;
        }
        BARRIER();
        quarters[id] = sum;
        BARRIER();
        if (id < SIDE)
        {
            float factor = EXP(before - shift); // 0 where there was nothing yet
            maximum[id] = highest;
            rescale[id] = factor;
            total[id] = total[id] * factor + ((quarters[id] + quarters[SIDE + id]) + (quarters[2 * SIDE + id] + quarters[3 * SIDE + id]));
        }
        BARRIER();
#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            float factor = rescale[4 * THREAD_Y + i];
#pragma unroll
            for (int j = 0; j < 4 * PARTS; j++)
                sums[i][j] *= factor;
        }
        add_rows(sums, tile, stage, v + (int64)s * valueStride, valueStride, there);
    }
    BARRIER();
    float inverse[4];
    for (int i = 0; i < 4; i++)
        inverse[i] = total[4 * THREAD_Y + i] == 0 ? 0 : 1 / total[4 * THREAD_Y + i];
    store_rows(output + (sequence * queries + first) * outputStride + place * HEAD_SIZE, outputStride, count, sums, inverse);
    if (logSumExp != 0 && id < count)
        logSumExp[(int64)head * queries + first + id] = total[id] == 0 ? -INFINITY : maximum[id] + LOG(total[id]);
}
