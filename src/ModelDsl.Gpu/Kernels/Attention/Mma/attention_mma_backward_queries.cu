// Attention backward on mma.m16n8k16: the gradient of queries. See attention_mma.h for tiles and fragments.
//
// A group takes OWN_ROWS queries of one head and iterates over the keys that any of them sees, like the forward pass:
//   S = Q K^T            P = exp2(exponent_scale S - ln sum exp log2 e)
//   dP = dO V^T          dS = P (dP - delta)              dQ += dS K      (dQ *= scale at the end)
// dS is rounded to bf16 for the product on the right.
//
// Legend: as in attention_mma_backward_keys.cu.
//   STEP: columns (keys) of one product; KEYS, a multiple: of one stage
#include "attention_mma.h"

// Bytes of shared memory: queries and output gradients, then two stages of keys and values.
#define QUERY_BYTES (OWN_ROWS * ROW_BYTES)
#define KEY_BYTES (KEYS * ROW_BYTES)
#define STAGE_BYTES (2 * KEY_BYTES)

KERNEL_GROUPS(attention_mma_backward_queries)(
    const bf16* RESTRICT query, const bf16* RESTRICT key, const bf16* RESTRICT value, const bf16* RESTRICT output_gradient,
    const float* RESTRICT log_sum_exp, const float* RESTRICT delta, bf16* RESTRICT query_gradient,
    int query_length, int key_length, int heads, int key_heads, int query_stride, int key_stride, int value_stride,
    int output_gradient_stride, int query_gradient_stride,
    int query_start, int left, int right, int heads_together, float exponent_scale, float cap_scale, float score_scale)
{
    DYNAMIC_SHARED(memory);
    uchar* query_tile = memory;
    uchar* gradient_tile = memory + QUERY_BYTES;
    uchar* stages = memory + 2 * QUERY_BYTES;
    const int lane = LANE, warp_row = WARP * WARP_ROWS;

    // In causal attention the last queries see the most keys: longest groups first.
    const int tiles = (query_length + OWN_ROWS - 1) / OWN_ROWS;
    int tile, head;
    take_work(tiles, heads_together, &tile, &head);
    const int first_query = (tiles - 1 - tile) * OWN_ROWS, queries = query_length - first_query < OWN_ROWS ? query_length - first_query : OWN_ROWS;
    const int sequence = head / heads, query_head = head % heads, key_head = query_head / (heads / key_heads);
    const int query_row = sequence * query_length + first_query;

    // Needed only at the end; registers are scarce until then.
    SHARED int work[2];
    if (LOCAL_ID(0) == 0)
        work[0] = first_query, work[1] = head;

    // Keys that any query of the group sees.
    const int position = query_start + first_query, last_position = position + queries - 1;
    const int lowest = position - left > 0 ? position - left : 0;
    const int highest = last_position + right < key_length ? last_position + right : key_length - 1;
    const int begin = lowest / KEYS * KEYS;

    // Of the lane's rows: the exponent, and -delta.
    float exponents[BLOCKS][2], deltas[BLOCKS][2], query_sums[BLOCKS][WIDTH / 8][4];
    clear<WIDTH>(query_sums);
#pragma unroll
    for (int m = 0; m < BLOCKS; m++)
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            const int row = warp_row + m * 16 + h * 8 + lane / 4;
            const int64 place = (int64)head * query_length + first_query + row;
            exponents[m][h] = row < queries ? exponent(log_sum_exp[place]) : INFINITY;
            deltas[m][h] = row < queries ? -delta[place] : 0;
        }

    // Step i copies stage i and computes with stage i - 1.
    const int steps = begin <= highest ? (highest - begin) / KEYS + 1 : 0;
    if (steps > 0)
    {
        copy_tile<OWN_ROWS>(query_tile, query + (int64)query_row * query_stride + query_head * HEAD_SIZE, query_stride, queries);
        copy_tile<OWN_ROWS>(gradient_tile, output_gradient + (int64)query_row * output_gradient_stride + query_head * HEAD_SIZE, output_gradient_stride, queries);
    }
    int key_row = sequence * key_length + begin;
    int distance = position + warp_row - begin, count = key_length - begin; // of the next columns to compute with
    OwnRows own[2]; // queries, output gradients
    own[0].rows = query_tile + warp_row * ROW_BYTES;
    own[1].rows = gradient_tile + warp_row * ROW_BYTES;
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
        {
            hold_rows(&own[0], lane);
            hold_rows(&own[1], lane);
        }
        if (step > 0)
#pragma unroll 1
            for (int k = 0; k < KEYS; k += STEP, distance -= STEP, count -= STEP)
            {
                if (!any_visible(STEP, distance, left, right))
                    continue;
                const uchar* keys = stages + (~step & 1) * STAGE_BYTES + k * ROW_BYTES;
                const uchar* values = keys + KEY_BYTES;

                // S and dP - delta
                float products[2][BLOCKS][STEP / 8][4];
                float (&s)[BLOCKS][STEP / 8][4] = products[0], (&dp)[BLOCKS][STEP / 8][4] = products[1];
                clear<STEP>(s);
#pragma unroll
                for (int m = 0; m < BLOCKS; m++)
#pragma unroll
                    for (int n = 0; n < STEP / 8; n++)
#pragma unroll
                        for (int i = 0; i < 4; i++)
                            dp[m][n][i] = deltas[m][i / 2];
                const uchar* others[2] = { keys, values };
                multiply_rows<2, STEP>(products, own, others, lane);
                cap_scores<STEP>(s, cap_scale);
                if (count < STEP || !all_visible(STEP, distance, left, right))
                    mask<STEP>(s, distance, left, right, count, lane);

                // dS
#pragma unroll
                for (int m = 0; m < BLOCKS; m++)
#pragma unroll
                    for (int n = 0; n < STEP / 8; n++)
#pragma unroll
                        for (int i = 0; i < 4; i++)
                            weight_and_gradient(&s[m][n][i], &dp[m][n][i], exponents[m][i / 2], exponent_scale);
                uint a[BLOCKS][STEP / 16][4];
                pack<STEP>(a, dp);
                multiply_columns<STEP>(query_sums, a, keys, lane);
            }
    }

    const int first_row = work[0] + warp_row, own_head = work[1];
    query_gradient += (int64)(own_head / heads * query_length + first_row) * query_gradient_stride + own_head % heads * HEAD_SIZE;
    store_rows(query_gradient, query_gradient_stride, query_length - first_row, query_sums, score_scale, query_tile + warp_row * ROW_BYTES, lane);
}
