// The kernel dialect: C99 with the macros below, which OpenCL C 1.2 and CUDA C++ (NVRTC, no other header) both compile.
//
// A kernel's parameters are pointers into GLOBAL memory, int, int64 and float. No templates, references, recursion or
// function pointers; float4 has components .x .y .z .w and no operators. The first half defines what the two languages
// spell differently; the rest is the same for both.

#ifdef __OPENCL_VERSION__ // ---------------------------------------------------------------------------------- OpenCL C

#define KERNEL(name) __kernel void name                                 // a kernel: KERNEL(add)(GLOBAL float* x, int n) { ... }
#define KERNEL_BOUNDS(name, maxThreads) __kernel __attribute__((work_group_size_hint(maxThreads, 1, 1))) void name // a kernel of at most so many threads a group
// a helper function. Always inlined: if PoCL 3.1 does not inline one that gets the same SHARED array in all calls, it confuses the
// threads' copies of the array.
#define DEVICE static inline __attribute__((always_inline))
#define GLOBAL __global                                                 // of a pointer: the device's memory
#define LOCAL __local                                                   // of a pointer: the group's on-chip memory
#define SHARED __local                                                  // declares an on-chip array, at the outermost scope of a kernel
#define RESTRICT restrict                                               // of a pointer: it is not aliased

typedef long int64;

#define GROUP_ID(axis) ((int)get_group_id(axis))                        // which group; axis is 0, 1 or 2, literally
#define LOCAL_ID(axis) ((int)get_local_id(axis))                        // which thread of the group
#define GROUP_SIZE(axis) ((int)get_local_size(axis))                    // threads of a group
#define GROUPS(axis) ((int)get_num_groups(axis))                        // groups of the grid
#define BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)   // the whole group waits and sees each other's writes

#define AS_FLOAT(bits) as_float((uint)(bits))                           // the float of these 32 bits
#define AS_UINT(value) as_uint((float)(value))                          // the bits of a float

#define LOAD4(p) vload4(0, (p))                                         // float4 at a float pointer, 16-byte aligned
#define STORE4(p, v) vstore4((v), 0, (p))
#define LOAD4_USHORT(p) vload4(0, (p))                                  // ushort4 at a ushort pointer, 8-byte aligned
#define STORE4_USHORT(p, v) vstore4((v), 0, (p))

#define EXP(x) exp((float)(x))                                          // fp32, all of them
#define LOG(x) log((float)(x))
#define SQRT(x) sqrt((float)(x))
#define RSQRT(x) rsqrt((float)(x))
#define TANH(x) tanh((float)(x))
#define POW(x, y) pow((float)(x), (float)(y))
#define FMA(a, b, c) fma((float)(a), (float)(b), (float)(c))            // a b + c, rounded once
#define FMIN(a, b) fmin((float)(a), (float)(b))                         // of a number and a NaN: the number
#define FMAX(a, b) fmax((float)(a), (float)(b))
#define ABS(x) fabs((float)(x))

#define ATOMIC_ADD_INT(p, v) atomic_add((p), (v))                       // adds and returns what was there; in no fixed order
#define ATOMIC_ADD_FLOAT(p, v) atomic_add_float((p), (v))               // the same in GLOBAL memory; rounding depends on the order

DEVICE float atomic_add_float(volatile GLOBAL float* p, float v)
{
    volatile GLOBAL uint* bits = (volatile GLOBAL uint*)p;
    uint seen = 0, before; // a guess: the first exchange tells
    do
    {
        before = seen;
        seen = atomic_cmpxchg(bits, before, AS_UINT(AS_FLOAT(before) + v));
    } while (seen != before);
    return AS_FLOAT(before);
}

#define SUBGROUP_SIZE 1                                                 // threads that SUBGROUP_SUM and SUBGROUP_MAX go over, neighbours on axis 0
#define SUBGROUP_SUM(v) (v)                                             // every thread of the sub-group gets the result; all of it must come here
#define SUBGROUP_MAX(v) (v)

#else // --------------------------------------------------------------------------------------------------- CUDA C++

#define KERNEL(name) extern "C" __global__ void name
#define KERNEL_BOUNDS(name, maxThreads) extern "C" __global__ void __launch_bounds__(maxThreads) name
#ifdef _WIN32
#define DEVICE static __device__ __forceinline__
#else
#define DEVICE static __device__ __forceinline__ __attribute__((unused)) // no warning for helpers that a source does not use
#endif
#define GLOBAL
#define LOCAL
#define SHARED __shared__
#define RESTRICT __restrict__

typedef long long int64;
typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned char uchar;

#define AXIS_0 x
#define AXIS_1 y
#define AXIS_2 z
#define GROUP_ID(axis) ((int)blockIdx.AXIS_##axis)
#define LOCAL_ID(axis) ((int)threadIdx.AXIS_##axis)
#define GROUP_SIZE(axis) ((int)blockDim.AXIS_##axis)
#define GROUPS(axis) ((int)gridDim.AXIS_##axis)
#define BARRIER() __syncthreads()

#define AS_FLOAT(bits) __uint_as_float((uint)(bits))
#define AS_UINT(value) __float_as_uint((float)(value))

#define LOAD4(p) (*(const float4*)(p))
#define STORE4(p, v) (*(float4*)(p) = (v))
#define LOAD4_USHORT(p) (*(const ushort4*)(p))
#define STORE4_USHORT(p, v) (*(ushort4*)(p) = (v))

#define EXP(x) expf(x)
#define LOG(x) logf(x)
#define SQRT(x) sqrtf(x)
#define RSQRT(x) rsqrtf(x)
#define TANH(x) tanhf(x)
#define POW(x, y) powf(x, y)
#define FMA(a, b, c) fmaf(a, b, c)
#define FMIN(a, b) fminf(a, b)
#define FMAX(a, b) fmaxf(a, b)
#define ABS(x) fabsf(x)
#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif

#define ATOMIC_ADD_INT(p, v) atomicAdd((p), (v))
#define ATOMIC_ADD_FLOAT(p, v) atomicAdd((p), (v))

#define SUBGROUP_SIZE 32
#define SUBGROUP_SUM(v) subgroup_sum(v)
#define SUBGROUP_MAX(v) subgroup_max(v)

DEVICE float subgroup_sum(float v)
{
    for (int distance = 16; distance > 0; distance >>= 1)
        v += __shfl_xor_sync(0xffffffffu, v, distance);
    return v;
}

DEVICE float subgroup_max(float v)
{
    for (int distance = 16; distance > 0; distance >>= 1)
        v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, distance));
    return v;
}

#endif // ---------------------------------------------------------------------------------------------------- both

#define ELEMENT ((int64)GROUP_ID(0) * GROUP_SIZE(0) + LOCAL_ID(0))      // the thread's index in the whole grid along axis 0, int64
#define ROW GROUP_ID(0)                                                 // the group's index: one group a row

// ---- 16-bit floats: storage only, arithmetic is fp32 ----

typedef ushort bf16;                                                    // 8 exponent and 7 mantissa bits: the upper half of a float
typedef ushort fp16;                                                    // IEEE 754 binary16

#define LOAD_BF16(p, i) bf16_to_float((p)[i])                           // element i as a float, exactly
#define LOAD_FP16(p, i) fp16_to_float((p)[i])
#define STORE_BF16(p, i, v) ((p)[i] = float_to_bf16(v))                 // element i from a float, to nearest, ties to even; NaN stays NaN
#define STORE_FP16(p, i, v) ((p)[i] = float_to_fp16(v))
#define LOAD4_BF16(p, i) bf16_to_float4(LOAD4_USHORT((p) + (i)))        // elements i to i + 3 as float4; i a multiple of 4, p 8-byte aligned
#define LOAD4_FP16(p, i) fp16_to_float4(LOAD4_USHORT((p) + (i)))
#define STORE4_BF16(p, i, v) STORE4_USHORT((p) + (i), float4_to_bf16(v))
#define STORE4_FP16(p, i, v) STORE4_USHORT((p) + (i), float4_to_fp16(v))

DEVICE float bf16_to_float(bf16 value)
{
    return AS_FLOAT((uint)value << 16);
}

DEVICE bf16 float_to_bf16(float value)
{
    uint bits = AS_UINT(value);
    return (bits & 0x7fffffffu) > 0x7f800000u
        ? (bf16)((bits >> 16) | 0x40u)                                  // NaN, made quiet: its payload may lie in the half that is cut off
        : (bf16)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// Subnormals of binary16 are made from normal floats alone, so that a device that flushes fp32 subnormals is right too.
DEVICE float fp16_to_float(fp16 value)
{
    uint sign = (uint)(value & 0x8000u) << 16, magnitude = (uint)(value & 0x7fffu) << 13;
    if (magnitude >= 0x0f800000u)                                       // infinity, NaN
        return AS_FLOAT(sign | 0x70000000u | magnitude);
    if (magnitude < 0x00800000u)                                        // zero, subnormal: 2^-14 (1 + m) - 2^-14
        return AS_FLOAT(sign | AS_UINT(AS_FLOAT(0x38800000u | magnitude) - AS_FLOAT(0x38800000u)));
    return AS_FLOAT(sign | (magnitude + 0x38000000u));                  // the exponent's bias, 127 for 15
}

DEVICE fp16 float_to_fp16(float value)
{
    uint bits = AS_UINT(value), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return (fp16)(sign | 0x7e00u);                                  // NaN
    if (magnitude >= 0x477ff000u)
        return (fp16)(sign | 0x7c00u);                                  // 65520 and more round to infinity
    if (magnitude < 0x38800000u)                                        // below 2^-14: the last bit of 0.5 + x is binary16's smallest
        return (fp16)(sign | (AS_UINT(AS_FLOAT(magnitude) + 0.5f) - 0x3f000000u));
    return (fp16)(sign | ((magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13));
}

DEVICE float4 bf16_to_float4(ushort4 v)
{
    float4 result;
    result.x = bf16_to_float(v.x), result.y = bf16_to_float(v.y), result.z = bf16_to_float(v.z), result.w = bf16_to_float(v.w);
    return result;
}

DEVICE ushort4 float4_to_bf16(float4 v)
{
    ushort4 result;
    result.x = float_to_bf16(v.x), result.y = float_to_bf16(v.y), result.z = float_to_bf16(v.z), result.w = float_to_bf16(v.w);
    return result;
}

DEVICE float4 fp16_to_float4(ushort4 v)
{
    float4 result;
    result.x = fp16_to_float(v.x), result.y = fp16_to_float(v.y), result.z = fp16_to_float(v.z), result.w = fp16_to_float(v.w);
    return result;
}

DEVICE ushort4 float4_to_fp16(float4 v)
{
    ushort4 result;
    result.x = float_to_fp16(v.x), result.y = float_to_fp16(v.y), result.z = float_to_fp16(v.z), result.w = float_to_fp16(v.w);
    return result;
}

// ---- the same names for float, for sources that put a type's name into the macro's ----

#define LOAD_F32(p, i) ((p)[i])
#define STORE_F32(p, i, v) ((p)[i] = (v))
#define LOAD4_F32(p, i) LOAD4((p) + (i))
#define STORE4_F32(p, i, v) STORE4((p) + (i), (v))

// ---- real: the storage type that a variant chooses by -DREAL_BF16 or -DREAL_FP16; float otherwise ----

#if defined(REAL_BF16)
typedef bf16 real;
#define LOAD_REAL(p, i) LOAD_BF16(p, i)
#define STORE_REAL(p, i, v) STORE_BF16(p, i, v)
#define LOAD4_REAL(p, i) LOAD4_BF16(p, i)
#define STORE4_REAL(p, i, v) STORE4_BF16(p, i, v)
#elif defined(REAL_FP16)
typedef fp16 real;
#define LOAD_REAL(p, i) LOAD_FP16(p, i)
#define STORE_REAL(p, i, v) STORE_FP16(p, i, v)
#define LOAD4_REAL(p, i) LOAD4_FP16(p, i)
#define STORE4_REAL(p, i, v) STORE4_FP16(p, i, v)
#else
typedef float real;
#define LOAD_REAL(p, i) LOAD_F32(p, i)
#define STORE_REAL(p, i, v) STORE_F32(p, i, v)
#define LOAD4_REAL(p, i) LOAD4_F32(p, i)
#define STORE4_REAL(p, i, v) STORE4_F32(p, i, v)
#endif

// ---- reductions over a 1-D group of any size up to 1024 ----
// One order on every device, so that the bits are the same: inside runs of 32 threads, pairs at distance 16, 8, 4, 2, 1;
// then the runs in turn. scratch is SHARED float[GROUP_SIZE(0)], free again when the call returns.

#define GROUP_SUM(v, scratch) group_sum((v), (scratch))                 // every thread of the group comes here and gets the result
#define GROUP_MAX(v, scratch) group_max((v), (scratch))

#define COMBINE_SUM(a, b) ((a) + (b))
#define COMBINE_MAX(a, b) FMAX(a, b)

#if SUBGROUP_SIZE == 32

#define GROUP_REDUCTION(name, combine)                                                                                  \
    DEVICE float name(float v, LOCAL float* scratch)                                                                    \
    {                                                                                                                   \
        int size = GROUP_SIZE(0), lane = LOCAL_ID(0) & 31, run = LOCAL_ID(0) >> 5;                                      \
        int lanes = size - run * 32 < 32 ? size - run * 32 : 32;                                                        \
        uint members = 0xffffffffu >> (32 - lanes);                                                                     \
        for (int distance = 16; distance > 0; distance >>= 1)                                                           \
        {                                                                                                               \
            float other = __shfl_down_sync(members, v, distance);                                                       \
            if (lane + distance < lanes)                                                                                \
                v = combine(v, other);                                                                                  \
        }                                                                                                               \
        if (lane == 0)                                                                                                  \
            scratch[run] = v;                                                                                           \
        BARRIER();                                                                                                      \
        float result = scratch[0];                                                                                      \
        for (int i = 1; i * 32 < size; i++)                                                                             \
            result = combine(result, scratch[i]);                                                                       \
        BARRIER();                                                                                                      \
        return result;                                                                                                  \
    }

#else

#define GROUP_REDUCTION(name, combine)                                                                                  \
    DEVICE float name(float v, LOCAL float* scratch)                                                                    \
    {                                                                                                                   \
        int size = GROUP_SIZE(0), id = LOCAL_ID(0), lane = id & 31;                                                     \
        scratch[id] = v;                                                                                                \
        BARRIER();                                                                                                      \
        for (int distance = 16; distance > 0; distance >>= 1)                                                           \
        {                                                                                                               \
            if (lane < distance && id + distance < size)                                                                \
                scratch[id] = combine(scratch[id], scratch[id + distance]);                                             \
            BARRIER();                                                                                                  \
        }                                                                                                               \
        float result = scratch[0];                                                                                      \
        for (int i = 32; i < size; i += 32)                                                                             \
            result = combine(result, scratch[i]);                                                                       \
        BARRIER();                                                                                                      \
        return result;                                                                                                  \
    }

#endif

GROUP_REDUCTION(group_sum, COMBINE_SUM)
GROUP_REDUCTION(group_max, COMBINE_MAX)
