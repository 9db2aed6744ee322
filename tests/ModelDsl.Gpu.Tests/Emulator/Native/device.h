// CUDA C++'s built-ins for kernels that g++ compiles: those that this project's kernels use, under CUDA's names. It precedes
// every source that the emulated NVRTC compiles. Not supported: textures, half and double functions, vector types beyond those
// below, cooperative groups, printf. __global__ and __launch_bounds__ are not here: the compiler reads them.
#pragma once
#include "runtime.h"

typedef __SIZE_TYPE__ size_t;

// ---- what the driver calls ----

#define EMULATOR_EXPORT __attribute__((visibility("default")))

namespace emulator
{

static Runtime* runtime;

// On-chip arrays are in one section, so that the driver finds and poisons them; this one begins it.
__attribute__((section("emulator_shared"), used, aligned(1024))) static unsigned char first_shared[16];
extern "C" __attribute__((visibility("hidden"))) unsigned char __start_emulator_shared[], __stop_emulator_shared[];

extern "C" EMULATOR_EXPORT void emulator_attach(Runtime* table)
{
    runtime = table;
}

extern "C" EMULATOR_EXPORT unsigned char* emulator_shared_memory(unsigned* bytes)
{
    *bytes = (unsigned)(__stop_emulator_shared - __start_emulator_shared);
    return __start_emulator_shared;
}

// A kernel's parameters from an array of pointers to them.
template<class T> struct IsPointer { static constexpr bool value = false; };
template<class T> struct IsPointer<T*> { static constexpr bool value = true; };
template<unsigned... I> struct Numbers {};
template<unsigned N, unsigned... I> struct Count : Count<N - 1, N - 1, I...> {};
template<unsigned... I> struct Count<0, I...> { using Type = Numbers<I...>; };

template<auto kernel> struct Thunk;

template<class... P, void (*kernel)(P...)> struct Thunk<kernel>
{
    static constexpr unsigned count = sizeof...(P);
    static constexpr unsigned sizes[count + 1] = { sizeof(P)..., 0 };
    static constexpr bool pointers[count + 1] = { IsPointer<P>::value..., false };

    static void call(void** arguments)
    {
        spread(arguments, typename Count<count>::Type());
    }

    template<unsigned... I> static void spread(void** arguments, Numbers<I...>)
    {
        kernel(*(P*)arguments[I]...);
    }
};

template<auto kernel> constexpr Kernel describe(unsigned max_threads)
{
    using T = Thunk<kernel>;
    return { T::call, T::count, T::sizes, T::pointers, max_threads };
}

}

// ---- declarations ----

#define __device__
#define __host__
#define __constant__ static
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __shared__ static __attribute__((section("emulator_shared")))

#define threadIdx (emulator::runtime->thread)
#define blockIdx (emulator::runtime->block)
#define blockDim (emulator::runtime->block_size)
#define gridDim (emulator::runtime->grid_size)
static constexpr int warpSize = 32;

#define EMULATOR_VECTOR2(type, name, alignment)                                                                         \
    struct __align__(alignment) name { type x, y; };                                                                    \
    static inline name make_##name(type x, type y) { return { x, y }; }
#define EMULATOR_VECTOR4(type, name, alignment)                                                                         \
    struct __align__(alignment) name { type x, y, z, w; };                                                              \
    static inline name make_##name(type x, type y, type z, type w) { return { x, y, z, w }; }

EMULATOR_VECTOR2(float, float2, 8)
EMULATOR_VECTOR4(float, float4, 16)
EMULATOR_VECTOR2(int, int2, 8)
EMULATOR_VECTOR4(int, int4, 16)
EMULATOR_VECTOR2(unsigned, uint2, 8)
EMULATOR_VECTOR4(unsigned, uint4, 16)
EMULATOR_VECTOR2(unsigned short, ushort2, 4)
EMULATOR_VECTOR4(unsigned short, ushort4, 8)
EMULATOR_VECTOR4(unsigned char, uchar4, 4)
struct uint3 { unsigned x, y, z; };
struct __align__(16) longlong2 { long long x, y; };
struct __align__(16) ulonglong2 { unsigned long long x, y; };

// ---- waiting and exchange ----

static inline void __syncthreads()
{
    emulator::runtime->barrier(0, 0, true);
}

static inline void __syncwarp(unsigned mask = 0xffffffffu)
{
    emulator::runtime->collective(32, mask, "__syncwarp", [](void* const*, unsigned) {}, nullptr);
}

static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}
static inline void __nanosleep(unsigned) { emulator::runtime->yield(); }
static inline void __trap() { emulator::runtime->fail(719, "__trap()"); }

namespace emulator
{

// A lane reads `value` of lane `source`; from a lane that takes no part it gets poison, since CUDA leaves it undefined.
template<class T> struct Shuffle
{
    T value, result;
    unsigned source;

    static void exchange(void* const* lanes, unsigned count)
    {
        for (unsigned i = 0; i < count; i++)
            if (auto* lane = (Shuffle*)lanes[i])
            {
                auto* other = (Shuffle*)(lane->source < count ? lanes[lane->source] : nullptr);
                if (other)
                    lane->result = other->value;
                else
                    __builtin_memset(&lane->result, 0xff, sizeof(T));
            }
    }
};

template<class T> T shuffle(unsigned mask, const char* name, T value, unsigned source)
{
    Shuffle<T> argument { value, value, source };
    runtime->collective(32, mask, name, Shuffle<T>::exchange, &argument);
    return argument.result;
}

static inline unsigned lane() { return runtime->linear & 31; }

struct Vote
{
    bool predicate;
    unsigned result;

    static void count(void* const* lanes, unsigned count)
    {
        unsigned bits = 0;
        for (unsigned i = 0; i < count; i++)
            if (lanes[i] && ((Vote*)lanes[i])->predicate)
                bits |= 1u << i;
        for (unsigned i = 0; i < count; i++)
            if (lanes[i])
                ((Vote*)lanes[i])->result = bits;
    }
};

}

static inline unsigned __ballot_sync(unsigned mask, int predicate)
{
    emulator::Vote vote { predicate != 0, 0 };
    emulator::runtime->collective(32, mask, "vote", emulator::Vote::count, &vote);
    return vote.result;
}

static inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
static inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }

template<class T> T __shfl_sync(unsigned mask, T value, int source, int width = 32)
{
    unsigned lane = emulator::lane();
    return emulator::shuffle(mask, "__shfl_sync", value, (lane & -(unsigned)width) + ((unsigned)source & (width - 1)));
}

template<class T> T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32)
{
    unsigned lane = emulator::lane(), source = lane ^ (unsigned)lanes;
    return emulator::shuffle(mask, "__shfl_xor_sync", value, source < (lane & -(unsigned)width) + width ? source : lane);
}

template<class T> T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32)
{
    unsigned lane = emulator::lane();
    return emulator::shuffle(mask, "__shfl_down_sync", value, (lane & (width - 1)) + delta < (unsigned)width ? lane + delta : lane);
}

template<class T> T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32)
{
    unsigned lane = emulator::lane();
    return emulator::shuffle(mask, "__shfl_up_sync", value, (lane & (width - 1)) >= delta ? lane - delta : lane);
}

// ---- atomics: threads change only at waits, so that plain arithmetic is atomic ----

template<class T, class V> T atomicAdd(T* p, V value) { T before = *p; *p = before + (T)value; return before; }
template<class T, class V> T atomicMax(T* p, V value) { T before = *p; if ((T)value > before) *p = (T)value; return before; }
template<class T, class V> T atomicMin(T* p, V value) { T before = *p; if ((T)value < before) *p = (T)value; return before; }
template<class T, class V> T atomicOr(T* p, V value) { T before = *p; *p = before | (T)value; return before; }
template<class T, class V> T atomicExch(T* p, V value) { T before = *p; *p = (T)value; return before; }
template<class T, class V, class W> T atomicCAS(T* p, V compare, W value) { T before = *p; if (before == (T)compare) *p = (T)value; return before; }

// ---- loads and stores with hints ----

template<class T> T __ldg(const T* p) { return *p; }
template<class T> T __ldcs(const T* p) { return *p; }
template<class T> T __ldcg(const T* p) { return *p; }
template<class T> void __stcs(T* p, T value) { *p = value; }
template<class T> void __stcg(T* p, T value) { *p = value; }

// ---- bits ----

template<class To, class From> To emulator_bits(From value) { To result; __builtin_memcpy(&result, &value, sizeof(To)); return result; }

static inline unsigned __float_as_uint(float value) { return emulator_bits<unsigned>(value); }
static inline int __float_as_int(float value) { return emulator_bits<int>(value); }
static inline float __uint_as_float(unsigned value) { return emulator_bits<float>(value); }
static inline float __int_as_float(int value) { return emulator_bits<float>(value); }
static inline int __popc(unsigned value) { return __builtin_popcount(value); }
static inline int __clz(int value) { return value ? __builtin_clz((unsigned)value) : 32; }
static inline int __ffs(int value) { return __builtin_ffs(value); }

static inline long long clock64()
{
#if defined(__x86_64__)
    return (long long)__builtin_ia32_rdtsc();
#else
    static long long ticks;
    return ++ticks;
#endif
}

// ---- arithmetic ----

extern "C"
{
float expf(float); float exp2f(float); float logf(float); float log2f(float); float tanhf(float); float powf(float, float);
float sinf(float); float cosf(float); float erff(float); float fmodf(float, float);
}

static inline float sqrtf(float x) { return __builtin_sqrtf(x); }
static inline float rsqrtf(float x) { return 1.0f / __builtin_sqrtf(x); }
static inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float fabsf(float x) { return __builtin_fabsf(x); }
static inline float floorf(float x) { return __builtin_floorf(x); }
static inline float ceilf(float x) { return __builtin_ceilf(x); }
static inline float rintf(float x) { return __builtin_rintf(x); }
static inline float roundf(float x) { return __builtin_roundf(x); }
static inline float copysignf(float x, float sign) { return __builtin_copysignf(x, sign); }
static inline float fminf(float a, float b) { return a != a ? b : b != b ? a : a < b ? a : b; }
static inline float fmaxf(float a, float b) { return a != a ? b : b != b ? a : a > b ? a : b; }
static inline bool isnan(float x) { return x != x; }
static inline bool isinf(float x) { return __builtin_isinf(x); }
static inline bool isfinite(float x) { return __builtin_isfinite(x); }

static inline float __expf(float x) { return expf(x); }
static inline float __exp2f(float x) { return exp2f(x); }
static inline float __logf(float x) { return logf(x); }
static inline float __log2f(float x) { return log2f(x); }
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline int __float2int_rn(float x) { return (int)__builtin_rintf(x); }

template<class A, class B> auto min(A a, B b) -> decltype(a + b) { return a < b ? a : b; }
template<class A, class B> auto max(A a, B b) -> decltype(a + b) { return a > b ? a : b; }
