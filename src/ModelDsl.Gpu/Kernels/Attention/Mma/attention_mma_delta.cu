// The sums that the backward pass of attention subtracts from the gradients of the weights (Dao et al., 2022, appendix B):
// delta[b, h, t] = sum_d output[b, t, h, d] output_gradient[b, t, h, d], in fp32.
//
// Eight neighbouring threads process one row of HEAD_SIZE elements, 8 elements (16 bytes) each at a time.
#define LANES 8

KERNEL_BOUNDS(attention_mma_delta, 256)(
    const bf16* RESTRICT output, const bf16* RESTRICT output_gradient, float* RESTRICT delta,
    int query_length, int heads, int output_stride, int gradient_stride, int rows)
{
    const int row = (int)(ELEMENT / LANES); // (b * Tq + t) * H + h: neighbours in memory
    if (row >= rows)
        return;
    const int token = row / heads, head = row % heads, lane = LOCAL_ID(0) % LANES;
    output += (int64)token * output_stride + head * HEAD_SIZE;
    output_gradient += (int64)token * gradient_stride + head * HEAD_SIZE;

    float sum = 0;
    for (int d = lane * 8; d < HEAD_SIZE; d += LANES * 8)
    {
        const float4 o = LOAD4((const float*)(output + d)), g = LOAD4((const float*)(output_gradient + d));
        const uint a[4] = { AS_UINT(o.x), AS_UINT(o.y), AS_UINT(o.z), AS_UINT(o.w) };
        const uint b[4] = { AS_UINT(g.x), AS_UINT(g.y), AS_UINT(g.z), AS_UINT(g.w) };
#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            sum = FMA(AS_FLOAT(a[i] << 16), AS_FLOAT(b[i] << 16), sum);
            sum = FMA(AS_FLOAT(a[i] & 0xffff0000u), AS_FLOAT(b[i] & 0xffff0000u), sum);
        }
    }
    const uint members = 0xffu << (LOCAL_ID(0) % 32 / LANES * LANES);
    for (int distance = LANES / 2; distance > 0; distance /= 2)
        sum += __shfl_xor_sync(members, sum, distance);
    if (lane == 0)
        delta[(token / query_length * heads + head) * query_length + token % query_length] = sum;
}
