// Attention's backward pass for Hopper, second of two kernels: the gradients of keys and values. The scores are computed
// transposed, keys down and queries across, so that weights and their gradients pass from one product to the next in
// registers.
//
// Legend: B batch, Tq queries, Tk keys, H query heads, Hk key heads; M = 64 WARPGROUPS keys and N = TILE queries a
// tile; D = HEAD_SIZE. One group a key tile and key head; grid (key tiles, Hk, B): under a causal mask the first key tile
// is the longest. A producer warpgroup copies tiles of Q and dO of all query heads that share the key head; the
// consumers, 64 keys each:
//     for each tile:  S^T = K Q^T;  dP^T = V dO^T;  P^T = exp(S^T - LogSumExp);  dV += P^T dO;  dS^T = P^T (dP^T - delta);
//                     dK += dS^T Q
// The weights are computed while dP^T is running, dS^T while dV is, and the next S^T begins while dK is.
#include "ptx.h"
#include "ptx_hopper.h"
#include "attention_hopper.h"

#define M (64 * WARPGROUPS)
#define N TILE

static_assert(STAGES >= 3, "a buffer is signalled once the copies of the next have begun: with 2 the producer and the consumers wait for each other");

// Q, dO [B, Tq, H, D], K, V, dK, dV [B, Tk, Hk, D] with strides in elements from token to token; log_sum_exp and delta
// [B, H, Tq]. scale: of the scores; scale_log2: times log2 e, above 0.
KERNEL_WARPGROUPS(attention_hopper_backward_keys, WARPGROUPS + 1)(
    GLOBAL const bf16* query, GLOBAL const bf16* key, GLOBAL const bf16* value, GLOBAL const float* log_sum_exp,
    GLOBAL const bf16* output_gradient, GLOBAL const float* delta, GLOBAL bf16* key_gradient, GLOBAL bf16* value_gradient,
    int query_length, int key_length, int heads, int key_heads,
    int query_stride, int key_stride, int value_stride, int output_gradient_stride, int key_gradient_stride, int value_gradient_stride,
    float scale, float scale_log2, int causal, int window, int query_start)
{
    DYNAMIC_SHARED(shared);
    uchar* key_tile = shared;
    uchar* value_tile = key_tile + tile_bytes<M>();
    uchar* query_tiles = value_tile + tile_bytes<M>();
    uchar* gradient_tiles = query_tiles + STAGES * tile_bytes<N>();
    float* log2_rows = (float*)(gradient_tiles + STAGES * tile_bytes<N>());
    float* delta_rows = log2_rows + STAGES * N;
    uint64* barriers = (uint64*)(delta_rows + STAGES * N);
    const Buffers tiles_of_queries = { barriers, barriers + STAGES };

    const int batch = GROUP_ID(2), key_head = GROUP_ID(1), sharing = heads / key_heads, group_row = GROUP_ID(0) * M;
    const Sight sight = { query_start, query_length, key_length, causal, window };

    // The tiles with a query that sees some key of the group, head after head.
    const int begin = first_query(sight, group_row), end = last_query(sight, min(group_row + M, key_length) - 1) + 1;
    const int first_tile = begin / N, head_tiles = end > begin ? (end + N - 1) / N - first_tile : 0, tiles = sharing * head_tiles;

    initialise(tiles_of_queries, STAGES, WARPGROUPS);

    const int warpgroup = __shfl_sync(0xffffffffu, LOCAL_ID(0) / WARPGROUP, 0) - 1, thread = LOCAL_ID(0) % WARPGROUP;
    const int64 first_token = (int64)batch * key_length + group_row;
    if (warpgroup < 0)
    {
        set_max_registers_down<PRODUCER_REGISTERS>();
        tile_load<M>(key_tile, key + first_token * key_stride + key_head * HEAD_SIZE, key_stride, key_length - group_row, thread);
        tile_load<M>(value_tile, value + first_token * value_stride + key_head * HEAD_SIZE, value_stride, key_length - group_row, thread);
        for (int i = 0; i < tiles; i++)
        {
            const int head = key_head * sharing + i / head_tiles, row = (first_tile + i % head_tiles) * N, stage = i % STAGES;
            const int64 token = (int64)batch * query_length + row;
            await_empty(tiles_of_queries, stage, i / STAGES);
            tile_load<N>(query_tiles + stage * tile_bytes<N>(), query + token * query_stride + head * HEAD_SIZE, query_stride, query_length - row, thread);
            tile_load<N>(gradient_tiles + stage * tile_bytes<N>(), output_gradient + token * output_gradient_stride + head * HEAD_SIZE,
                output_gradient_stride, query_length - row, thread);
            cp_async_commit();
            if (thread < N)
            {
                const int64 index = ((int64)batch * heads + head) * query_length + row + thread;
                const bool there = row + thread < query_length;
                log2_rows[stage * N + thread] = there ? weights_log2(log_sum_exp[index]) : INFINITY;
                delta_rows[stage * N + thread] = there ? delta[index] : 0;
            }
            if (i > 0)
                signal_full<1>(tiles_of_queries, (i - 1) % STAGES, thread);
        }
        signal_full<0>(tiles_of_queries, max(tiles - 1, 0) % STAGES, thread);
    }
    else
    {
        set_max_registers_up<CONSUMER_REGISTERS>();
        const int first_row = group_row + 64 * warpgroup;
        const Columns columns = queries_of(sight, first_row, thread);

        uchar* own_keys = key_tile + 64 * warpgroup * PANEL_ROW_BYTES;
        uchar* own_values = value_tile + 64 * warpgroup * PANEL_ROW_BYTES;
        await_full(tiles_of_queries, 0, 0); // with K and V
        const auto k = left_rows<M, (LEFT_IN_REGISTERS > 0)>(own_keys, thread);
        const auto v = left_rows<M, (LEFT_IN_REGISTERS > 1)>(own_values, thread);
        const uint64 q = tile_rows(query_tiles), g = tile_rows(gradient_tiles);
        const uint64 q_columns = tile_columns<N>(query_tiles), g_columns = tile_columns<N>(gradient_tiles);
        float key_sums[COLUMNS / 2], value_sums[COLUMNS / 2];
        uint weights[N / 16][4], slopes[N / 16][4];
        clear(key_sums);
        clear(value_sums);
        for (int i = 0, head_tile = 0; i < tiles; i++, head_tile = head_tile + 1 < head_tiles ? head_tile + 1 : 0)
        {
            float scores[N / 2], products[N / 2];
            const uint stage = i % STAGES * tile_bytes<N>();
            const float* log2_row = log2_rows + i % STAGES * N + thread % 4 * 2;
            const float* delta_row = delta_rows + i % STAGES * N + thread % 4 * 2;
            await_full(tiles_of_queries, i % STAGES, i / STAGES);
            wgmma_fence();
            multiply_transposed<N>(scores, k, descriptor_advance(q, stage));
            wgmma_commit();
            multiply_transposed<N>(products, v, descriptor_advance(g, stage));
            wgmma_commit();

            wgmma_wait<1>(); // S^T, and dK of the tile before
            wgmma_hold(scores);
            if (i > 0)
                signal_empty(tiles_of_queries, (i - 1) % STAGES, thread);
            mask<N>(scores, columns, (first_tile + head_tile) * N, thread);
#pragma unroll
            for (int j = 0; j < N / 8; j++)
            {
                const float2 log2_pair = *(const float2*)(log2_row + 8 * j);
#pragma unroll
                for (int r = 0; r < 2; r++)
                {
                    scores[4 * j + 2 * r] = exp2_fast(fmaf(scores[4 * j + 2 * r], scale_log2, -log2_pair.x));
                    scores[4 * j + 2 * r + 1] = exp2_fast(fmaf(scores[4 * j + 2 * r + 1], scale_log2, -log2_pair.y));
                }
            }
            as_operand<N>(weights, scores);
            wgmma_fence();
            multiply_add<N>(value_sums, weights, descriptor_advance(g_columns, stage));
            wgmma_commit();

            wgmma_wait<1>(); // dP^T
            wgmma_hold(products);
#pragma unroll
            for (int j = 0; j < N / 8; j++)
            {
                const float2 delta_pair = *(const float2*)(delta_row + 8 * j);
#pragma unroll
                for (int r = 0; r < 2; r++)
                {
                    const uint pair = weights[j / 2][j % 2 * 2 + r]; // P^T as rounded for dV: the scores' registers are free by now
                    products[4 * j + 2 * r] = bf16_low(pair) * (products[4 * j + 2 * r] - delta_pair.x);
                    products[4 * j + 2 * r + 1] = bf16_high(pair) * (products[4 * j + 2 * r + 1] - delta_pair.y);
                }
            }
            as_operand<N>(slopes, products);

            wgmma_wait<0>(); // dV: its weights leave their registers
            wgmma_fence();
            multiply_add<N>(key_sums, slopes, descriptor_advance(q_columns, stage));
            wgmma_commit();
        }
        wgmma_wait<0>();
        wgmma_hold(key_sums);
        wgmma_hold(value_sums);
        const float key_factor[2] = { scale, scale }, value_factor[2] = { 1, 1 };
        const int64 token = first_token + 64 * warpgroup;
        store_rows<M>(key_gradient + token * key_gradient_stride + key_head * HEAD_SIZE, key_gradient_stride,
            key_length - first_row, key_sums, key_factor, own_keys, thread, 1 + warpgroup);
        store_rows<M>(value_gradient + token * value_gradient_stride + key_head * HEAD_SIZE, value_gradient_stride,
            key_length - first_row, value_sums, value_factor, own_values, thread, 1 + warpgroup);
    }
}
