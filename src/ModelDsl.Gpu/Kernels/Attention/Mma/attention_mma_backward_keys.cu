// Attention backward on mma.m16n8k16: the gradients of keys and values. See attention_mma.h for tiles and fragments.
//
// A group takes OWN_ROWS keys of one key head and iterates over the queries that see any of them, of all query heads that
// share the key head, in a fixed order: sums are the same bits every time. Keys are the rows of its products, so that weights
// and their gradients, transposed, are left operands as they are in registers:
//   S^T = K Q^T          P = exp2(exponent_scale S - ln sum exp log2 e)      dV += P^T dO
//   dP^T = V dO^T        dS = P (dP - delta)                                 dK += dS^T Q      (dK *= scale at the end)
// P and dS are rounded to bf16 for the products on the right. Queries past the end are zeros and add nothing.
//
// Legend: B batch, Tq queries, Tk keys, H query heads, Hk key heads, D = HEAD_SIZE.
//   query, output_gradient [B, Tq, H, D], key, value and their gradients [B, Tk, Hk, D]: strides in elements
//   log_sum_exp, delta [B, H, Tq]
//   STEP: columns (queries) of one product; QUERIES, a multiple: of one stage
//   KEY_GRADIENT, VALUE_GRADIENT: 1 if this kernel computes it; heads too large for both in registers need two launches
//   exponent_scale, cap_scale: as in attention_mma_forward.cu; score_scale: of the gradient of q k
#include "attention_mma.h"

// Bytes of shared memory: keys and values, then two stages of queries, output gradients and sums of both.
#define KEY_BYTES (OWN_ROWS * ROW_BYTES)
#define QUERY_BYTES (QUERIES * ROW_BYTES)
#define STAGE_BYTES (2 * QUERY_BYTES + 2 * QUERIES * 4)

// The sums of a stage: log_sum_exp of its queries as exponents, then -delta; one per thread. They are read when the copies
// of the stage begin, and stored in it when the step ends, so that no thread waits for them.
DEVICE float read_sum(const float* log_sum_exp, const float* delta, int count)
{
    static_assert(2 * QUERIES <= THREADS, "a thread brings one sum");
    const int i = LOCAL_ID(0) % QUERIES;
    return i >= count ? 0 : LOCAL_ID(0) < QUERIES ? log_sum_exp[i] : delta[i];
}

DEVICE void bring_sum(uchar* stage, float sum)
{
    if (LOCAL_ID(0) < 2 * QUERIES)
        ((float*)(stage + 2 * QUERY_BYTES))[LOCAL_ID(0)] = LOCAL_ID(0) < QUERIES ? exponent(sum) : -sum;
}

KERNEL_GROUPS(attention_mma_backward_keys)(
    const bf16* RESTRICT query, const bf16* RESTRICT key, const bf16* RESTRICT value, const bf16* RESTRICT output_gradient,
    const float* RESTRICT log_sum_exp, const float* RESTRICT delta, bf16* RESTRICT key_gradient, bf16* RESTRICT value_gradient,
    int query_length, int key_length, int heads, int key_heads, int query_stride, int key_stride, int value_stride,
    int output_gradient_stride, int key_gradient_stride, int value_gradient_stride,
    int query_start, int left, int right, int heads_together, float exponent_scale, float cap_scale, float score_scale)
{
    DYNAMIC_SHARED(memory);
    uchar* key_tile = memory;
    uchar* value_tile = memory + KEY_BYTES;
    uchar* stages = memory + 2 * KEY_BYTES;
    const int lane = LANE, warp_row = WARP * WARP_ROWS;

    // In causal attention the most queries see the first keys: longest groups first.
    int tile, head;
    take_work((key_length + OWN_ROWS - 1) / OWN_ROWS, heads_together, &tile, &head);
    const int first_key = tile * OWN_ROWS, keys = key_length - first_key < OWN_ROWS ? key_length - first_key : OWN_ROWS;
    const int sequence = head / key_heads, key_head = head % key_heads, group = heads / key_heads;
    const int key_row = sequence * key_length + first_key, query_row = sequence * query_length;

    // Queries that see any key of the group, from begin to end - 1.
    const int lowest = first_key - right - query_start, highest = first_key + keys - 1 + left - query_start;
    const int begin = lowest > 0 ? lowest / QUERIES * QUERIES : 0, end = highest < query_length ? highest + 1 : query_length;

    float key_sums[BLOCKS][WIDTH / 8][4], value_sums[BLOCKS][WIDTH / 8][4];
    clear<WIDTH>(key_sums);
    clear<WIDTH>(value_sums);

    // Step i copies stage i and computes with stage i - 1.
    const int steps = begin < end ? (end - begin + QUERIES - 1) / QUERIES * group : 0;
    if (steps > 0)
    {
        copy_tile<OWN_ROWS>(key_tile, key + (int64)key_row * key_stride + key_head * HEAD_SIZE, key_stride, keys);
        copy_tile<OWN_ROWS>(value_tile, value + (int64)key_row * value_stride + key_head * HEAD_SIZE, value_stride, keys);
    }
    int next = begin, next_head = key_head * group, distance = 0;
    OwnRows own[2]; // keys, values
    own[0].rows = key_tile + warp_row * ROW_BYTES;
    own[1].rows = value_tile + warp_row * ROW_BYTES;
    for (int step = 0; step <= steps; step++)
    {
        cp_async_wait<0>();
        BARRIER(); // every thread has the last stage and is done with the one before
        uchar* next_stage = stages + (step & 1) * STAGE_BYTES;
        const uchar* stage = stages + (~step & 1) * STAGE_BYTES;
        float sum = 0;
        if (step < steps)
        {
            const int count = query_length - next;
            copy_tile<QUERIES>(next_stage, query + (int64)(query_row + next) * query_stride + next_head * HEAD_SIZE, query_stride, count);
            copy_tile<QUERIES>(next_stage + QUERY_BYTES, output_gradient + (int64)(query_row + next) * output_gradient_stride + next_head * HEAD_SIZE,
                output_gradient_stride, count);
            cp_async_commit();
            const int64 row = ((int64)sequence * heads + next_head) * query_length + next;
            sum = read_sum(log_sum_exp + row, delta + row, count);
        }

        if (step == 1)
        {
            hold_rows(&own[0], lane);
            hold_rows(&own[1], lane);
        }
        if (step > 0)
#pragma unroll 1
            for (int q = 0; q < QUERIES; q += STEP, distance -= STEP)
            {
                if (!any_visible(STEP, distance, right, left))
                    continue;
                const uchar* queries = stage + q * ROW_BYTES;
                const uchar* gradients = queries + QUERY_BYTES;
                const float* exponents = (const float*)(stage + 2 * QUERY_BYTES) + q + lane % 4 * 2;

                // S^T and dP^T - delta
                float products[2][BLOCKS][STEP / 8][4];
                float (&s)[BLOCKS][STEP / 8][4] = products[0], (&dp)[BLOCKS][STEP / 8][4] = products[1];
                clear<STEP>(s);
#pragma unroll
                for (int n = 0; n < STEP / 8; n++)
#pragma unroll
                    for (int i = 0; i < 4; i++)
#pragma unroll
                        for (int m = 0; m < BLOCKS; m++)
                            dp[m][n][i] = exponents[QUERIES + n * 8 + i % 2];
                const uchar* others[2] = { queries, gradients };
                multiply_rows<1 + KEY_GRADIENT, STEP>(products, own, others, lane);
                cap_scores<STEP>(s, cap_scale);
                if (!all_visible(STEP, distance, right, left))
                    mask<STEP>(s, distance, right, left, STEP, lane);

                // P^T and dS^T
#pragma unroll
                for (int n = 0; n < STEP / 8; n++)
#pragma unroll
                    for (int i = 0; i < 4; i++)
                    {
                        const float e = exponents[n * 8 + i % 2];
#pragma unroll
                        for (int m = 0; m < BLOCKS; m++)
                            weight_and_gradient(&s[m][n][i], &dp[m][n][i], e, exponent_scale);
                    }
                uint a[BLOCKS][STEP / 16][4];
                pack<STEP>(a, s);
                if (VALUE_GRADIENT)
                    multiply_columns<STEP>(value_sums, a, gradients, lane);
                pack<STEP>(a, dp);
                if (KEY_GRADIENT)
                    multiply_columns<STEP>(key_sums, a, queries, lane);
            }

        bring_sum(next_stage, sum);
        distance = first_key + warp_row - query_start - next;
        next += QUERIES;
        if (next >= end)
            next = begin, next_head++;
    }

    if (KEY_GRADIENT)
        store_rows(key_gradient + (int64)(key_row + warp_row) * key_gradient_stride + key_head * HEAD_SIZE, key_gradient_stride,
            keys - warp_row, key_sums, score_scale, key_tile + warp_row * ROW_BYTES, lane);
    if (VALUE_GRADIENT)
        store_rows(value_gradient + (int64)(key_row + warp_row) * value_gradient_stride + key_head * HEAD_SIZE, value_gradient_stride,
            keys - warp_row, value_sums, 1, value_tile + warp_row * ROW_BYTES, lane);
}
