// Attention's backward pass for Hopper, first of two kernels: the gradient of the queries, and on the way the sums
// delta = sum over d of O dO that the second kernel reads. Recomputes the weights from LogSumExp (Dao, 2023).
//
// The two kernels compute seven products instead of five (the scores and the gradients of the weights twice),
// but each sums in registers in a fixed order: no atomic sums, and no group waits for another.
//
// Legend: B batch, Tq queries, Tk keys, H query heads, Hk key heads; M = 64 WARPGROUPS queries and N = TILE keys a
// tile; D = HEAD_SIZE. One group a query tile and head; grid (query tiles, H, B), the last query tile first, since under
// a causal mask it is the longest. A producer warpgroup copies tiles of K and V; the consumers, 64 queries each:
//     for each tile:  S = Q K^T;  dP = dO V^T;  P = exp(S - LogSumExp);  dS = P (dP - delta);  dQ += dS K
#include "ptx.h"
#include "ptx_hopper.h"
#include "attention_hopper.h"

#define M (64 * WARPGROUPS)
#define N TILE

static_assert(STAGES >= 3, "a buffer is signalled once the copies of the next have begun: with 2 the producer and the consumers wait for each other");

// The sum of O dO over a row of the warpgroup's 64, two threads per row: thread t gets row t / 2. O in global memory, dO in
// rows of a tile of M.
DEVICE float output_times_gradient(const bf16* output_rows, int64 stride, int count, uchar* gradients, int thread)
{
    const int row = thread / 2;
    float sum = 0;
    if (row < count)
#pragma unroll
        for (int chunk = thread % 2; chunk < HEAD_SIZE / 8; chunk += 2)
        {
            const uint4 o = *(const uint4*)(output_rows + row * stride + chunk * 8);
            const uint4 g = *(const uint4*)tile_chunk<M>(gradients, row, chunk);
            sum += dot_bf16(o.x, g.x) + dot_bf16(o.y, g.y) + dot_bf16(o.z, g.z) + dot_bf16(o.w, g.w);
        }
    return sum + __shfl_xor_sync(0xffffffffu, sum, 1);
}

// Q, O, dO, dQ [B, Tq, H, D], K, V [B, Tk, Hk, D] with strides in elements from token to token; log_sum_exp and delta
// [B, H, Tq], delta written. scale: of the scores; scale_log2: times log2 e, above 0.
KERNEL_WARPGROUPS(attention_hopper_backward_queries, WARPGROUPS + 1)(
    GLOBAL const bf16* query, GLOBAL const bf16* key, GLOBAL const bf16* value, GLOBAL const bf16* output,
    GLOBAL const float* log_sum_exp, GLOBAL const bf16* output_gradient, GLOBAL bf16* query_gradient, GLOBAL float* delta,
    int query_length, int key_length, int heads, int key_heads,
    int query_stride, int key_stride, int value_stride, int output_stride, int output_gradient_stride, int query_gradient_stride,
    float scale, float scale_log2, int causal, int window, int query_start)
{
    DYNAMIC_SHARED(shared);
    uchar* query_tile = shared;
    uchar* gradient_tile = query_tile + tile_bytes<M>();
    uchar* key_tiles = gradient_tile + tile_bytes<M>();
    uchar* value_tiles = key_tiles + STAGES * tile_bytes<N>();
    float* row_sums = (float*)(value_tiles + STAGES * tile_bytes<N>());
    uint64* barriers = (uint64*)(row_sums + M);
    const Buffers tiles_of_keys = { barriers, barriers + STAGES };

    const int batch = GROUP_ID(2), head = GROUP_ID(1), key_head = head / (heads / key_heads);
    const int group_row = (GROUPS(0) - 1 - GROUP_ID(0)) * M;
    const Sight sight = { query_start, query_length, key_length, causal, window };

    // The tiles with a key that some query of the group sees.
    const int begin = first_key(sight, group_row), end = last_key(sight, min(group_row + M, query_length) - 1) + 1;
    const int first_tile = begin / N, tiles = end > begin ? (end + N - 1) / N - first_tile : 0;

    initialise(tiles_of_keys, STAGES, WARPGROUPS);

    const int warpgroup = __shfl_sync(0xffffffffu, LOCAL_ID(0) / WARPGROUP, 0) - 1, thread = LOCAL_ID(0) % WARPGROUP;
    const int64 first_token = (int64)batch * query_length + group_row;
    if (warpgroup < 0)
    {
        set_max_registers_down<PRODUCER_REGISTERS>();
        const bf16* key_rows = key + (int64)batch * key_length * key_stride + key_head * HEAD_SIZE;
        const bf16* value_rows = value + (int64)batch * key_length * value_stride + key_head * HEAD_SIZE;
        tile_load<M>(query_tile, query + first_token * query_stride + head * HEAD_SIZE, query_stride, query_length - group_row, thread);
        tile_load<M>(gradient_tile, output_gradient + first_token * output_gradient_stride + head * HEAD_SIZE, output_gradient_stride, query_length - group_row, thread);
        for (int i = 0; i < tiles; i++)
        {
            const int row = (first_tile + i) * N;
            await_empty(tiles_of_keys, i % STAGES, i / STAGES);
            tile_load<N>(key_tiles + i % STAGES * tile_bytes<N>(), key_rows + (int64)row * key_stride, key_stride, key_length - row, thread);
            tile_load<N>(value_tiles + i % STAGES * tile_bytes<N>(), value_rows + (int64)row * value_stride, value_stride, key_length - row, thread);
            cp_async_commit();
            if (i > 0)
                signal_full<1>(tiles_of_keys, (i - 1) % STAGES, thread);
        }
        signal_full<0>(tiles_of_keys, max(tiles - 1, 0) % STAGES, thread);
    }
    else
    {
        set_max_registers_up<CONSUMER_REGISTERS>();
        const int first_row = group_row + 64 * warpgroup, local_row = thread / 32 * 16 + thread % 32 / 4;
        const int64 row_index = ((int64)batch * heads + head) * query_length + first_row;
        const Columns columns = keys_of(sight, first_row, thread);

        uchar* own_queries = query_tile + 64 * warpgroup * PANEL_ROW_BYTES;
        uchar* own_gradients = gradient_tile + 64 * warpgroup * PANEL_ROW_BYTES;
        await_full(tiles_of_keys, 0, 0); // with Q and dO

        // LogSumExp in powers of 2 and delta of this thread's rows. A row that does not exist or sees nothing has weights 0.
        float row_delta[2], row_log2[2];
        const float own_sum = output_times_gradient(output + (first_token + 64 * warpgroup) * output_stride + head * HEAD_SIZE,
            output_stride, query_length - first_row, own_gradients, thread);
        if (thread % 2 == 0)
        {
            row_sums[64 * warpgroup + thread / 2] = own_sum;
            if (first_row + thread / 2 < query_length)
                delta[row_index + thread / 2] = own_sum;
        }
        named_barrier_sync(1 + warpgroup, WARPGROUP);
#pragma unroll
        for (int i = 0; i < 2; i++)
        {
            row_delta[i] = row_sums[64 * warpgroup + local_row + 8 * i];
            row_log2[i] = first_row + local_row + 8 * i < query_length ? weights_log2(log_sum_exp[row_index + local_row + 8 * i]) : INFINITY;
        }

        const auto q = left_rows<M, (LEFT_IN_REGISTERS > 0)>(own_queries, thread);
        const auto g = left_rows<M, (LEFT_IN_REGISTERS > 1)>(own_gradients, thread);
        const uint64 k = tile_rows(key_tiles), v = tile_rows(value_tiles), k_columns = tile_columns<N>(key_tiles);
        float sums[COLUMNS / 2];
        uint slopes[N / 16][4];
        clear(sums);
        for (int i = 0; i < tiles; i++)
        {
            float scores[N / 2], products[N / 2];
            const uint stage = i % STAGES * tile_bytes<N>();
            await_full(tiles_of_keys, i % STAGES, i / STAGES);
            wgmma_fence();
            multiply_transposed<N>(scores, q, descriptor_advance(k, stage));
            wgmma_commit();
            multiply_transposed<N>(products, g, descriptor_advance(v, stage));
            wgmma_commit();

            wgmma_wait<1>(); // S, and dQ of the tile before
            wgmma_hold(scores);
            if (i > 0)
                signal_empty(tiles_of_keys, (i - 1) % STAGES, thread);
            mask<N>(scores, columns, (first_tile + i) * N, thread);
#pragma unroll
            for (int j = 0; j < N / 2; j++)
                scores[j] = exp2_fast(fmaf(scores[j], scale_log2, -row_log2[j / 2 % 2]));

            wgmma_wait<0>();
            wgmma_hold(products);
#pragma unroll
            for (int j = 0; j < N / 2; j++)
                products[j] = scores[j] * (products[j] - row_delta[j / 2 % 2]);
            as_operand<N>(slopes, products);
            wgmma_fence();
            multiply_add<N>(sums, slopes, descriptor_advance(k_columns, stage));
            wgmma_commit();
        }
        wgmma_wait<0>();
        wgmma_hold(sums);
        const float factor[2] = { scale, scale };
        store_rows<M>(query_gradient + (first_token + 64 * warpgroup) * query_gradient_stride + head * HEAD_SIZE, query_gradient_stride,
            query_length - first_row, sums, factor, own_queries, thread, 1 + warpgroup);
    }
}
