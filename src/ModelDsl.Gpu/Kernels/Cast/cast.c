// Conversions between fp32, bf16, fp16 and the two 8-bit floats (Micikevicius et al., 2022): through fp32, to nearest even.
// -DFROM=, -DTO= one of the numbers below. 8-bit results saturate; NaN stays NaN.

#define F32 0
#define BF16 1
#define F16 2
#define E4M3 3 // 4 exponent bits, 3 mantissa bits, no infinities, largest 448
#define E5M2 4 // 5 exponent bits, 2 mantissa bits, largest 57344

// The 8 bits nearest to a value: mantissa bits, exponent bias and the largest value's bits as a float.
DEVICE uint to_8_bits(float value, int mantissa, int bias, uint largest)
{
    uint bits = AS_UINT(value), sign = (bits >> 24) & 0x80u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return sign | 0x7fu;
    if (magnitude > largest)
        magnitude = largest;
    uint smallest = (uint)(128 - bias) << 23; // 2^(1 - bias), the smallest normal
    if (magnitude < smallest) // the last bit of 2^(24 - bias - mantissa) + x is the smallest subnormal
    {
        uint anchor = (uint)(127 + 24 - bias - mantissa) << 23;
        return sign | (AS_UINT(AS_FLOAT(magnitude) + AS_FLOAT(anchor)) - anchor);
    }
    int cut = 23 - mantissa;
    uint rounded = magnitude + ((1u << (cut - 1)) - 1) + ((magnitude >> cut) & 1u);
    return sign | ((rounded >> cut) - ((uint)(127 - bias) << mantissa));
}

DEVICE float from_e4m3(uint code)
{
    uint sign = (code & 0x80u) << 24, magnitude = code & 0x7fu;
    if (magnitude == 0x7fu)
        return AS_FLOAT(sign | 0x7fc00000u);
    if (magnitude < 8) // subnormal: units of 2^-9
        return AS_FLOAT(sign | AS_UINT((float)magnitude * AS_FLOAT(0x3b000000u)));
    return AS_FLOAT(sign | ((magnitude << 20) + 0x3c000000u)); // the exponent's bias, 127 for 7
}

DEVICE float from_e5m2(uint code)
{
    return fp16_to_float((fp16)(code << 8));
}

#if FROM == F32
typedef float source_type;
#define LOAD_ONE(p, i) ((p)[i])
#define LOAD_FOUR(p, i) LOAD4((p) + (i))
#elif FROM == BF16
typedef bf16 source_type;
#define LOAD_ONE(p, i) LOAD_BF16(p, i)
#define LOAD_FOUR(p, i) LOAD4_BF16(p, i)
#elif FROM == F16
typedef fp16 source_type;
#define LOAD_ONE(p, i) LOAD_FP16(p, i)
#define LOAD_FOUR(p, i) LOAD4_FP16(p, i)
#else
typedef uchar source_type;
#if FROM == E4M3
#define LOAD_ONE(p, i) from_e4m3((p)[i])
#else
#define LOAD_ONE(p, i) from_e5m2((p)[i])
#endif
#define LOAD_FOUR(p, i) load_four((p) + (i))
DEVICE float4 load_four(GLOBAL const uchar* p)
{
    uint word = *(GLOBAL const uint*)p;
    uchar bytes[4] = {(uchar)word, (uchar)(word >> 8), (uchar)(word >> 16), (uchar)(word >> 24)};
    float4 result;
    result.x = LOAD_ONE(bytes, 0), result.y = LOAD_ONE(bytes, 1), result.z = LOAD_ONE(bytes, 2), result.w = LOAD_ONE(bytes, 3);
    return result;
}
#endif

#if TO == F32
typedef float target_type;
#define STORE_ONE(p, i, v) ((p)[i] = (v))
#define STORE_FOUR(p, i, v) STORE4((p) + (i), (v))
#elif TO == BF16
typedef bf16 target_type;
#define STORE_ONE(p, i, v) STORE_BF16(p, i, v)
#define STORE_FOUR(p, i, v) STORE4_BF16(p, i, v)
#elif TO == F16
typedef fp16 target_type;
#define STORE_ONE(p, i, v) STORE_FP16(p, i, v)
#define STORE_FOUR(p, i, v) STORE4_FP16(p, i, v)
#else
typedef uchar target_type;
#if TO == E4M3
#define TO_CODE(v) to_8_bits((v), 3, 7, 0x43e00000u)
#else
#define TO_CODE(v) to_8_bits((v), 2, 15, 0x47600000u)
#endif
#define STORE_ONE(p, i, v) ((p)[i] = (uchar)TO_CODE(v))
#define STORE_FOUR(p, i, v) store_four((p) + (i), (v))
DEVICE void store_four(GLOBAL uchar* p, float4 v)
{
    *(GLOBAL uint*)p = TO_CODE(v.x) | TO_CODE(v.y) << 8 | TO_CODE(v.z) << 16 | TO_CODE(v.w) << 24;
}
#endif

// target[i] = source[i] * scale[0]; a null scale means 1. Sixteen elements per thread, four at a time, a group's width apart.
KERNEL_BOUNDS(cast, 256)(
    GLOBAL const source_type* RESTRICT source, GLOBAL target_type* RESTRICT target, int64 count, int aligned,
    GLOBAL const float* RESTRICT scale)
{
    float factor = scale != 0 ? scale[0] : 1;
    int64 first = (int64)ROW * 4096 + LOCAL_ID(0) * 4;
    if (aligned && (int64)(ROW + 1) * 4096 <= count)
    {
        float4 x[4];
#pragma unroll
        for (int i = 0; i < 4; i++)
            x[i] = LOAD_FOUR(source, first + i * 1024);
#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            x[i].x *= factor, x[i].y *= factor, x[i].z *= factor, x[i].w *= factor;
            STORE_FOUR(target, first + i * 1024, x[i]);
        }
        return;
    }
    for (int64 i = (int64)ROW * 4096 + LOCAL_ID(0); i < count && i < (int64)(ROW + 1) * 4096; i += 256)
        STORE_ONE(target, i, LOAD_ONE(source, i) * factor);
}
