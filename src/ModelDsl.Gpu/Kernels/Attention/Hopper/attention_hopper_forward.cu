// Attention's forward pass for Hopper, after FlashAttention-3 (Shah et al., 2024): a producer warpgroup
// copies tiles of keys and values while WARPGROUPS consumers, 64 queries each, multiply and take the softmax.
//
// Legend: B batch, Tq queries, Tk keys, H query heads, Hk key heads; M = 64 WARPGROUPS queries and N = TILE keys a
// tile; D = HEAD_SIZE. One group a query tile and head; grid (query tiles, H, B), the last query tile first, since under
// a causal mask it is the longest.
//
// One consumer, which computes the scores of the next tile during the softmax of this one:
//     S = Q K[0]^T;  P = softmax(S)
//     for i = 1 ..:  begin S = Q K[i]^T;  begin O += P V[i - 1];  end S;  P' = softmax(S);  end O;  O *= correction
//     O += P V[last]
// Consumers take turns starting products, so that one's softmax overlaps another's products.
#include "ptx.h"
#include "ptx_hopper.h"
#include "attention_hopper.h"

#define M (64 * WARPGROUPS)
#define N TILE

static_assert(STAGES >= 2, "the next keys are copied while these are multiplied");

#define LN_2 0.69314718055994531f

// One row's running softmax, of scores * scale in powers of 2; row i of a thread is 8 i further down.
struct Softmax
{
    float maximum[2]; // of scores so far, not scaled
    float sum[2];     // of this thread's columns
};

// Scores become weights 2^(scale (score - maximum)), masked scores (-infinity) 0; correction is the factor of the sums over earlier
// tiles.
DEVICE void softmax_step(Softmax& state, float (&scores)[N / 2], float (&correction)[2], float scale)
{
#pragma unroll
    for (int i = 0; i < 2; i++)
    {
        float maximum = state.maximum[i];
#pragma unroll
        for (int j = 0; j < N / 8; j++)
            maximum = fmaxf(maximum, fmaxf(scores[4 * j + 2 * i], scores[4 * j + 2 * i + 1]));
        maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 1));
        maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 2));

        const float offset = maximum == -INFINITY ? 0 : maximum * scale; // nothing seen yet: all weights 0
        correction[i] = exp2_fast(state.maximum[i] * scale - offset);
        state.maximum[i] = maximum;
        float sum = 0;
#pragma unroll
        for (int j = 0; j < N / 8; j++)
#pragma unroll
            for (int e = 0; e < 2; e++)
                sum += scores[4 * j + 2 * i + e] = exp2_fast(fmaf(scores[4 * j + 2 * i + e], scale, -offset));
        state.sum[i] = state.sum[i] * correction[i] + sum;
    }
}

// Q, O [B, Tq, H, D], K, V [B, Tk, Hk, D] with strides in elements from token to token; log_sum_exp [B, H, Tq] or null.
// scale: of the scores, times log2 e, above 0.
KERNEL_WARPGROUPS(attention_hopper_forward, WARPGROUPS + 1)(
    GLOBAL const bf16* query, GLOBAL const bf16* key, GLOBAL const bf16* value, GLOBAL bf16* output, GLOBAL float* log_sum_exp,
    int query_length, int key_length, int heads, int key_heads,
    int query_stride, int key_stride, int value_stride, int output_stride,
    float scale, int causal, int window, int query_start)
{
    DYNAMIC_SHARED(shared);
    uchar* query_tile = shared;
    uchar* key_tiles = query_tile + tile_bytes<M>();
    uchar* value_tiles = key_tiles + STAGES * tile_bytes<N>();
    uint64* barriers = (uint64*)(value_tiles + STAGES * tile_bytes<N>());
    const Buffers keys = { barriers, barriers + STAGES }, values = { barriers + 2 * STAGES, barriers + 3 * STAGES };

    const int batch = GROUP_ID(2), head = GROUP_ID(1), key_head = head / (heads / key_heads);
    const int group_row = (GROUPS(0) - 1 - GROUP_ID(0)) * M;
    const Sight sight = { query_start, query_length, key_length, causal, window };

    // The tiles with a key that some query of the group sees, from the last to the first: index i is tile last_tile - i.
    const int begin = first_key(sight, group_row), end = last_key(sight, min(group_row + M, query_length) - 1) + 1;
    const int last_tile = (end + N - 1) / N - 1, tiles = end > begin ? last_tile + 1 - begin / N : 0;

    initialise(keys, STAGES, WARPGROUPS);
    initialise(values, STAGES, WARPGROUPS);

    const int warpgroup = __shfl_sync(0xffffffffu, LOCAL_ID(0) / WARPGROUP, 0) - 1, thread = LOCAL_ID(0) % WARPGROUP;
    const bf16* query_rows = query + ((int64)batch * query_length + group_row) * query_stride + head * HEAD_SIZE;
    if (warpgroup < 0)
    {
        set_max_registers_down<PRODUCER_REGISTERS>();
        const bf16* key_rows = key + (int64)batch * key_length * key_stride + key_head * HEAD_SIZE;
        const bf16* value_rows = value + (int64)batch * key_length * value_stride + key_head * HEAD_SIZE;
        if (tiles > 0)
            tile_load<M>(query_tile, query_rows, query_stride, query_length - group_row, thread); // in the first commit

        // In the order of use: K[0], K[1], V[0], K[2], V[1], .. A buffer is signalled once the next copies are under way.
        for (int i = 0; i <= tiles; i++)
        {
            if (i < tiles)
            {
                const int row = (last_tile - i) * N;
                await_empty(keys, i % STAGES, i / STAGES);
                tile_load<N>(key_tiles + i % STAGES * tile_bytes<N>(), key_rows + (int64)row * key_stride, key_stride, key_length - row, thread);
            }
            cp_async_commit();
            if (i > 1)
                signal_full<1>(values, (i - 2) % STAGES, thread);
            if (i > 0)
            {
                const int row = (last_tile - (i - 1)) * N;
                await_empty(values, (i - 1) % STAGES, (i - 1) / STAGES);
                tile_load<N>(value_tiles + (i - 1) % STAGES * tile_bytes<N>(), value_rows + (int64)row * value_stride, value_stride, key_length - row, thread);
            }
            cp_async_commit();
            if (i < tiles)
                signal_full<1>(keys, i % STAGES, thread);
        }
        if (tiles > 0)
            signal_full<0>(values, (tiles - 1) % STAGES, thread);
    }
    else
    {
        set_max_registers_up<CONSUMER_REGISTERS>();
        const int own_turn = 1 + warpgroup, next_turn = 1 + (warpgroup + 1) % WARPGROUPS;
        if (warpgroup == WARPGROUPS - 1 && tiles > 0)
            named_barrier_arrive(next_turn, 2 * WARPGROUP);

        const int first_row = group_row + 64 * warpgroup, row = first_row + thread / 32 * 16 + thread % 32 / 4;
        const Columns columns = keys_of(sight, first_row, thread);
        uchar* own_queries = query_tile + 64 * warpgroup * PANEL_ROW_BYTES;
        const auto q = left_rows<M, false>(own_queries, thread);
        const uint64 k = tile_rows(key_tiles), v = tile_columns<N>(value_tiles);
        float scores[N / 2], sums[COLUMNS / 2], correction[2];
        uint weights[N / 16][4];
        clear(sums);
        Softmax softmax = { { -INFINITY, -INFINITY }, { 0, 0 } };

        if (tiles > 0)
        {
            await_full(keys, 0, 0);
            named_barrier_sync(own_turn, 2 * WARPGROUP);
            wgmma_fence();
            multiply_transposed<N>(scores, q, k);
            wgmma_commit();
            if (warpgroup < WARPGROUPS - 1 || tiles > 1)
                named_barrier_arrive(next_turn, 2 * WARPGROUP);
            wgmma_wait<0>();
            wgmma_hold(scores);
            signal_empty(keys, 0, thread);
            mask<N>(scores, columns, last_tile * N, thread);
            softmax_step(softmax, scores, correction, scale);
            as_operand<N>(weights, scores);

            for (int i = 1; i < tiles; i++)
            {
                await_full(keys, i % STAGES, i / STAGES);
                named_barrier_sync(own_turn, 2 * WARPGROUP);
                wgmma_fence();
                multiply_transposed<N>(scores, q, descriptor_advance(k, i % STAGES * tile_bytes<N>()));
                wgmma_commit();
                await_full(values, (i - 1) % STAGES, (i - 1) / STAGES);
                multiply_add<N>(sums, weights, descriptor_advance(v, (i - 1) % STAGES * tile_bytes<N>()));
                wgmma_commit();
                if (warpgroup < WARPGROUPS - 1 || i < tiles - 1)
                    named_barrier_arrive(next_turn, 2 * WARPGROUP);

                wgmma_wait<1>();
                wgmma_hold(scores);
                signal_empty(keys, i % STAGES, thread);
                mask<N>(scores, columns, (last_tile - i) * N, thread);
                softmax_step(softmax, scores, correction, scale);

                wgmma_wait<0>();
                wgmma_hold(sums);
                signal_empty(values, (i - 1) % STAGES, thread);
#pragma unroll
                for (int j = 0; j < COLUMNS / 2; j++)
                    sums[j] *= correction[j / 2 % 2];
                as_operand<N>(weights, scores);
            }

            await_full(values, (tiles - 1) % STAGES, (tiles - 1) / STAGES);
            wgmma_fence();
            multiply_add<N>(sums, weights, descriptor_advance(v, (tiles - 1) % STAGES * tile_bytes<N>()));
            wgmma_commit();
            wgmma_wait<0>();
            wgmma_hold(sums);
        }

        // O = sums / sum; a row that sees nothing has sum 0, O 0 and LogSumExp -infinity.
        float factor[2];
#pragma unroll
        for (int i = 0; i < 2; i++)
        {
            float sum = softmax.sum[i];
            sum += __shfl_xor_sync(0xffffffffu, sum, 1);
            sum += __shfl_xor_sync(0xffffffffu, sum, 2);
            factor[i] = sum > 0 ? 1 / sum : 0;
            if (log_sum_exp && thread % 4 == 0 && row + 8 * i < query_length)
                log_sum_exp[((int64)batch * heads + head) * query_length + row + 8 * i] =
                    sum > 0 ? fmaf(softmax.maximum[i] * scale, LN_2, LOG(sum)) : -INFINITY;
        }
        store_rows<M>(output + ((int64)batch * query_length + first_row) * output_stride + head * HEAD_SIZE, output_stride,
            query_length - first_row, sums, factor, own_queries, thread, 1 + WARPGROUPS + warpgroup);
    }
}
