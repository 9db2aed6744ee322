// Attention forward on mma.m16n8k16 (FlashAttention-2: Dao, 2023). See attention_mma.h for tiles and fragments.
//
// A group takes OWN_ROWS queries of one head and iterates over the keys that any of them sees, KEYS at a time; the next keys
// and values are copied during the computation with these. One barrier per step.
//
// Legend: B batch, Tq queries, Tk keys, H query heads, Hk key heads, D = HEAD_SIZE.
//   query, output [B, Tq, H, D], key, value [B, Tk, Hk, D]: strides are elements from one token to the next
//   log_sum_exp [B, H, Tq], natural logarithm; may be null
//   exponent_scale: scores in the base of 2, scale log2 e; with SOFT_CAP the cap times log2 e
//   cap_scale: 2 log2 e scale / cap; unused without SOFT_CAP
#include "attention_mma.h"

// Bytes of shared memory: the queries, then two stages of keys and values.
#define QUERY_BYTES (OWN_ROWS * ROW_BYTES)
#define KEY_BYTES (KEYS * ROW_BYTES)
#define STAGE_BYTES (2 * KEY_BYTES)

// Below every score; not -infinity, of which differences are NaN.
#define NO_MAXIMUM -3.4028235e38f

// How far a row's scores may grow before its sums are rescaled to the new maximum: weights of up to 2^8 are as exact as
// those below 1, and most steps do not change the sums.
#define GROWTH 8

// The running softmax of the warp's rows over the keys so far: sum is the sum of exp2(exponent_scale score - maximum), of
// this lane's columns; the maximum is of the exponents, not more than GROWTH below the true one.
// s[16 BLOCKS, STEP] becomes weights, and out is rescaled to the same maximum.
DEVICE void softmax(float (&s)[BLOCKS][STEP / 8][4], float (&out)[BLOCKS][WIDTH / 8][4], float (&maximum)[BLOCKS][2], float (&sum)[BLOCKS][2], float exponent_scale)
{
    float top[BLOCKS][2];
    bool grown = false;
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            float t = FMAX(s[m][0][2 * h], s[m][0][2 * h + 1]);
#pragma unroll
            for (int n = 1; n < STEP / 8; n++)
                t = FMAX(t, FMAX(s[m][n][2 * h], s[m][n][2 * h + 1]));
            t = FMAX(t, __shfl_xor_sync(0xffffffffu, t, 1));
            t = FMAX(t, __shfl_xor_sync(0xffffffffu, t, 2));
            top[m][h] = FMAX(maximum[m][h], t * exponent_scale);
            grown |= top[m][h] - maximum[m][h] > GROWTH;
        }
    if (__any_sync(0xffffffffu, grown))
#pragma unroll
        for (int m = 0; m < BLOCKS; m++)
#pragma unroll
            for (int h = 0; h < 2; h++)
            {
                const float correction = exp2_fast(maximum[m][h] - top[m][h]);
                maximum[m][h] = top[m][h];
                sum[m][h] *= correction;
#pragma unroll
                for (int n = 0; n < WIDTH / 8; n++)
                {
                    out[m][n][2 * h] *= correction;
                    out[m][n][2 * h + 1] *= correction;
                }
            }
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int n = 0; n < STEP / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                s[m][n][i] = exp2_fast(FMA(s[m][n][i], exponent_scale, -maximum[m][i / 2]));
                sum[m][i / 2] += s[m][n][i];
            }
}

// Output and ln sum exp of the warp's rows. own: the warp's rows of the queries' tile.
DEVICE void store_results(
    float (&out)[BLOCKS][WIDTH / 8][4], const float (&maximum)[BLOCKS][2], const float (&sum)[BLOCKS][2], bf16* output, float* log_sum_exp,
    int first_query, int head, int query_length, int heads, int output_stride, uchar* own, int lane)
{
    const int first_row = first_query + WARP * WARP_ROWS, count = query_length - first_row;
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            float total = sum[m][h];
            total += __shfl_xor_sync(0xffffffffu, total, 1);
            total += __shfl_xor_sync(0xffffffffu, total, 2);
            const int row = m * 16 + h * 8 + lane / 4;
            if (log_sum_exp && lane % 4 == 0 && row < count)
                log_sum_exp[(int64)head * query_length + first_row + row] =
                    total == 0 ? -INFINITY : FMA(maximum[m][h], LN_2, LOG(total));
            const float scale = total == 0 ? 0 : reciprocal_fast(total);
#pragma unroll
            for (int n = 0; n < WIDTH / 8; n++)
            {
                out[m][n][2 * h] *= scale;
                out[m][n][2 * h + 1] *= scale;
            }
        }
    output += (int64)(head / heads * query_length + first_row) * output_stride + head % heads * HEAD_SIZE;
    store_rows(output, output_stride, count, out, 1, own, lane);
}

KERNEL_GROUPS(attention_mma_forward)(
    const bf16* RESTRICT query, const bf16* RESTRICT key, const bf16* RESTRICT value, bf16* RESTRICT output, float* RESTRICT log_sum_exp,
    int query_length, int key_length, int heads, int key_heads, int query_stride, int key_stride, int value_stride, int output_stride,
    int query_start, int left, int right, int heads_together, float exponent_scale, float cap_scale)
{
    DYNAMIC_SHARED(memory);
    uchar* query_tile = memory;
    uchar* stages = memory + QUERY_BYTES;
    const int lane = LANE, warp_row = WARP * WARP_ROWS;

    // In causal attention the last queries see the most keys: longest groups first.
    const int tiles = (query_length + OWN_ROWS - 1) / OWN_ROWS;
    int tile, head;
    take_work(tiles, heads_together, &tile, &head);
    const int first_query = (tiles - 1 - tile) * OWN_ROWS, queries = query_length - first_query < OWN_ROWS ? query_length - first_query : OWN_ROWS;
    const int sequence = head / heads, query_head = head % heads, key_head = query_head / (heads / key_heads);

    // Needed only at the end; registers are scarce until then.
    SHARED int work[2];
    if (LOCAL_ID(0) == 0)
        work[0] = first_query, work[1] = head;

    // Keys that any query of the group sees.
    const int position = query_start + first_query, last_position = position + queries - 1;
    const int lowest = position - left > 0 ? position - left : 0;
    const int highest = last_position + right < key_length ? last_position + right : key_length - 1;
    const int begin = lowest / KEYS * KEYS;

    float out[BLOCKS][WIDTH / 8][4], maximum[BLOCKS][2], sum[BLOCKS][2];
    clear<WIDTH>(out);
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int h = 0; h < 2; h++)
            maximum[m][h] = NO_MAXIMUM, sum[m][h] = 0;

    // Step i copies stage i and computes with stage i - 1.
    const int steps = begin <= highest ? (highest - begin) / KEYS + 1 : 0;
    if (steps > 0)
        copy_tile<OWN_ROWS>(query_tile, query + (int64)(sequence * query_length + first_query) * query_stride + query_head * HEAD_SIZE, query_stride, queries);
    int key_row = sequence * key_length + begin;
    int distance = position + warp_row - begin, count = key_length - begin; // of the next columns to compute with
    OwnRows own;
    own.rows = query_tile + warp_row * ROW_BYTES;
    for (int step = 0; step <= steps; step++)
    {
        cp_async_wait<0>();
        BARRIER(); // every thread has the last stage and is done with the one before
        if (step < steps)
        {
            uchar* next = stages + (step & 1) * STAGE_BYTES;
            copy_tile<KEYS>(next, key + (int64)key_row * key_stride + key_head * HEAD_SIZE, key_stride, step > 0 ? count - KEYS : count);
            copy_tile<KEYS>(next + KEY_BYTES, value + (int64)key_row * value_stride + key_head * HEAD_SIZE, value_stride, step > 0 ? count - KEYS : count);
            cp_async_commit();
            key_row += KEYS;
        }

        if (step == 1)
            hold_rows(&own, lane);
        if (step > 0)
#pragma unroll 1
            for (int k = 0; k < KEYS; k += STEP, distance -= STEP, count -= STEP)
            {
                if (!any_visible(STEP, distance, left, right))
                    continue;
                const uchar* keys = stages + (~step & 1) * STAGE_BYTES + k * ROW_BYTES;
                float s[BLOCKS][STEP / 8][4];
                clear<STEP>(s);
                multiply_rows<1, STEP>(&s, &own, &keys, lane);
                cap_scores<STEP>(s, cap_scale);
                if (count < STEP || !all_visible(STEP, distance, left, right))
                    mask<STEP>(s, distance, left, right, count, lane);
                softmax(s, out, maximum, sum, exponent_scale);
                uint weights[BLOCKS][STEP / 16][4];
                pack<STEP>(weights, s);
                multiply_columns<STEP>(out, weights, keys + KEY_BYTES, lane);
            }
    }

    store_results(out, maximum, sum, output, log_sum_exp, work[0], work[1], query_length, heads, output_stride,
        query_tile + warp_row * ROW_BYTES, lane);
}
