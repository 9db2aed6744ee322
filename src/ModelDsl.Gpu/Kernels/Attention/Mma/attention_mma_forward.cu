// Attention forward on mma.m16n8k16 (FlashAttention-2: Dao, 2023). See attention_mma.h for tiles and fragments.
//
// A group takes OWN_ROWS queries of one head and goes over the keys that any of them sees, KEYS at a time; the next keys
// and values are copied while these are computed with. One barrier a step.
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

// The running softmax of the warp's rows: maximum and sum (of this lane's columns) over the keys so far.
// s[16 BLOCKS, KEYS] becomes the weights, exp2(exponent_scale (s - maximum)); out is brought to the new maximum.
DEVICE void softmax(float (&s)[BLOCKS][KEYS / 8][4], float (&out)[BLOCKS][WIDTH / 8][4], float (&maximum)[BLOCKS][2], float (&sum)[BLOCKS][2], float exponent_scale)
{
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            float top = maximum[m][h];
#pragma unroll
            for (int n = 0; n < KEYS / 8; n++)
                top = FMAX(top, FMAX(s[m][n][2 * h], s[m][n][2 * h + 1]));
            top = FMAX(top, __shfl_xor_sync(0xffffffffu, top, 1));
            top = FMAX(top, __shfl_xor_sync(0xffffffffu, top, 2));

            const float shift = top == -INFINITY ? 0 : top * exponent_scale; // a row that has seen no key yet: all weights 0
            const float correction = exp2_fast(maximum[m][h] * exponent_scale - shift);
            maximum[m][h] = top;
            float total = sum[m][h] * correction;
#pragma unroll
            for (int n = 0; n < KEYS / 8; n++)
#pragma unroll
                for (int i = 2 * h; i < 2 * h + 2; i++)
                {
                    s[m][n][i] = exp2_fast(FMA(s[m][n][i], exponent_scale, -shift));
                    total += s[m][n][i];
                }
            sum[m][h] = total;
#pragma unroll
            for (int n = 0; n < WIDTH / 8; n++)
            {
                out[m][n][2 * h] *= correction;
                out[m][n][2 * h + 1] *= correction;
            }
        }
}

KERNEL_BOUNDS(attention_mma_forward, THREADS)(
    const bf16* RESTRICT query, const bf16* RESTRICT key, const bf16* RESTRICT value, bf16* RESTRICT output, float* RESTRICT log_sum_exp,
    int query_length, int key_length, int heads, int key_heads, int query_stride, int key_stride, int value_stride, int output_stride,
    int query_start, int left, int right, int heads_together, float exponent_scale, float cap_scale)
{
    DYNAMIC_SHARED(memory);
    uchar* query_tile = memory;
    uchar* stages = memory + QUERY_BYTES;
    const int lane = LANE, warp_row = WARP * WARP_ROWS;

    // The last queries see the most keys where attention is causal: longest groups first.
    const int tiles = (query_length + OWN_ROWS - 1) / OWN_ROWS;
    int tile, head;
    take_work(tiles, heads_together, &tile, &head);
    const int first_query = (tiles - 1 - tile) * OWN_ROWS, queries = query_length - first_query < OWN_ROWS ? query_length - first_query : OWN_ROWS;
    const int sequence = head / heads, query_head = head % heads, key_head = query_head / (heads / key_heads);
    const int64 query_row = (int64)sequence * query_length + first_query;

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
            maximum[m][h] = -INFINITY, sum[m][h] = 0;

    // Step i copies stage i and computes with stage i - 1.
    const int steps = begin <= highest ? (highest - begin) / KEYS + 1 : 0;
    if (steps > 0)
        copy_tile<OWN_ROWS>(query_tile, query + query_row * query_stride + query_head * HEAD_SIZE, query_stride, queries);
    key += ((int64)sequence * key_length + begin) * key_stride + key_head * HEAD_SIZE;
    value += ((int64)sequence * key_length + begin) * value_stride + key_head * HEAD_SIZE;
    int distance = position + warp_row - begin + KEYS, count = key_length - begin + KEYS; // of the stage to compute with
    for (int step = 0; step <= steps; step++, distance -= KEYS, count -= KEYS)
    {
        cp_async_wait<0>();
        BARRIER(); // the last stage is there for all; all are done with the one before
        if (step < steps)
        {
            uchar* next = stages + (step & 1) * STAGE_BYTES;
            copy_tile<KEYS>(next, key, key_stride, count - KEYS);
            copy_tile<KEYS>(next + KEY_BYTES, value, value_stride, count - KEYS);
            cp_async_commit();
            key += (int64)KEYS * key_stride;
            value += (int64)KEYS * value_stride;
        }

        if (step > 0 && any_visible(KEYS, distance, left, right))
        {
            const uchar* stage = stages + (~step & 1) * STAGE_BYTES;
            float s[BLOCKS][KEYS / 8][4];
            clear<KEYS>(s);
            multiply_rows<KEYS>(s, query_tile + warp_row * ROW_BYTES, stage, lane);
            cap_scores<KEYS>(s, cap_scale);
            if (count < KEYS || !all_visible(KEYS, distance, left, right))
                mask<KEYS>(s, distance, left, right, count, lane);
            softmax(s, out, maximum, sum, exponent_scale);
            uint weights[BLOCKS][KEYS / 16][4];
            pack<KEYS>(weights, s);
            multiply_columns<KEYS>(out, weights, stage + KEY_BYTES, lane);
        }
    }

    // out / sum, and ln sum exp of the rows.
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            float total = sum[m][h];
            total += __shfl_xor_sync(0xffffffffu, total, 1);
            total += __shfl_xor_sync(0xffffffffu, total, 2);
            const int row = warp_row + m * 16 + h * 8 + lane / 4;
            if (log_sum_exp && lane % 4 == 0 && row < queries)
                log_sum_exp[(int64)head * query_length + first_query + row] =
                    total == 0 ? -INFINITY : FMA(maximum[m][h] * exponent_scale, LN_2, LOG(total));
            const float scale = total == 0 ? 0 : reciprocal_fast(total);
#pragma unroll
            for (int n = 0; n < WIDTH / 8; n++)
            {
                out[m][n][2 * h] *= scale;
                out[m][n][2 * h + 1] *= scale;
            }
        }
    store_rows(output + (query_row + warp_row) * output_stride + query_head * HEAD_SIZE, output_stride, queries - warp_row, out, 1,
        query_tile + warp_row * ROW_BYTES, lane);
}
