// Replaces src/ModelDsl.Gpu/Kernels/Dialect/ptx.h when the emulated compiler compiles a kernel: the same functions in
// plain C++, written from the PTX ISA's description of the instructions and of their fragments.
//
// Strict where hardware is merely undefined: the target of an asynchronous copy is NaN until it has been waited for,
// addresses must be aligned, every lane of the warp must reach ldmatrix and mma. Sums of mma are in fp32 one after
// another in the order of k, which is not the hardware's order.
#pragma once

typedef unsigned int uint;

namespace emulator
{

// ---- the window of on-chip memory: 1 KB reserved by the system, the kernels' declarations, the launch's dynamic part ----

constexpr unsigned WindowStart = 1024;

static inline unsigned dynamic_start()
{
    return WindowStart + (runtime->static_bytes + 1023) / 1024 * 1024;
}

static inline unsigned to_shared(const void* pointer)
{
    unsigned long long in_static = (const unsigned char*)pointer - runtime->static_shared;
    if (in_static < runtime->static_bytes)
        return WindowStart + (unsigned)in_static;
    unsigned long long in_dynamic = (const unsigned char*)pointer - runtime->dynamic_shared;
    if (in_dynamic > runtime->dynamic_bytes)
        runtime->fail(717, "an instruction on shared memory with an address elsewhere");
    return dynamic_start() + (unsigned)in_dynamic;
}

static inline void* shared_16(const void* pointer)
{
    if (to_shared(pointer) % 16)
        runtime->fail(716, "an instruction on 16 bytes of shared memory with an address that is no multiple of 16");
    return (void*)pointer;
}

// ---- asynchronous copies: each thread's, in the order of issue ----

struct Copy { void* target; const void* source; unsigned bytes, group; bool valid; };

struct Copies
{
    unsigned long long serial;
    unsigned count, groups;
    Copy list[256];
};

static Copies copies[1024];

static inline Copies& own_copies()
{
    Copies& own = copies[runtime->linear];
    if (own.serial != runtime->serial)
        own.serial = runtime->serial, own.count = own.groups = 0;
    return own;
}

static inline void copy_async(void* target, const void* source, unsigned bytes, bool valid)
{
    Copies& own = own_copies();
    if (to_shared(target) % bytes || (valid && (unsigned long long)source % bytes))
        runtime->fail(716, "cp.async with an address that is no multiple of its size");
    if (own.count == 256)
        runtime->fail(719, "more than 256 cp.async of one thread under way");
    __builtin_memset(target, 0xff, bytes);
    own.list[own.count++] = { target, source, bytes, own.groups, valid };
}

static inline void wait_copies(unsigned pending)
{
    Copies& own = own_copies();
    unsigned kept = 0;
    for (unsigned i = 0; i < own.count; i++)
    {
        Copy copy = own.list[i];
        if (copy.group + pending >= own.groups)
            own.list[kept++] = copy;
        else if (copy.valid)
            __builtin_memcpy(copy.target, copy.source, copy.bytes);
        else
            __builtin_memset(copy.target, 0, copy.bytes);
    }
    own.count = kept;
}

// ---- fragments ----

static inline float from_bf16(unsigned short value) { return __uint_as_float((unsigned)value << 16); }

static inline unsigned short to_bf16(float value)
{
    unsigned bits = __float_as_uint(value);
    if (value != value)
        return 0x7fff; // the NaN that the conversion produces
    return (unsigned short)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline unsigned short half_of(unsigned pair, unsigned index) { return (unsigned short)(pair >> 16 * index); }

static inline void whole_warp(void* const* lanes, const char* instruction)
{
    for (unsigned i = 0; i < 32; i++)
        if (!lanes[i])
            runtime->fail(719, instruction);
}

// M matrices of 8 x 8 elements of 16 bits: lane 8 m + i has the address of row i of matrix m.
template<unsigned M, bool Transposed> struct LoadMatrix
{
    const unsigned short* row;
    unsigned* result;

    static void load(void* const* arguments, unsigned)
    {
        whole_warp(arguments, "ldmatrix in a warp that is not whole");
        auto lane = [&](unsigned i) { return (LoadMatrix*)arguments[i]; };
        for (unsigned m = 0; m < M; m++)
            for (unsigned i = 0; i < 32; i++)
            {
                unsigned pair = 0;
                for (unsigned e = 0; e < 2; e++)
                {
                    unsigned along = 2 * (i % 4) + e, across = i / 4;
                    pair |= (unsigned)(Transposed ? lane(8 * m + along)->row[across] : lane(8 * m + across)->row[along]) << 16 * e;
                }
                lane(i)->result[m] = pair;
            }
    }
};

template<unsigned M, bool Transposed> void load_matrix(unsigned (&result)[M], const void* row)
{
    LoadMatrix<M, Transposed> argument { nullptr, result };
    if ((runtime->linear & 31) < 8 * M) // the other lanes' addresses are not used
        argument.row = (const unsigned short*)shared_16(row);
    runtime->collective(32, 0xffffffffu, Transposed ? "ldmatrix_trans" : "ldmatrix", LoadMatrix<M, Transposed>::load, &argument);
}

// D[16, 8] += A[16, 16] B[16, 8]. With g = lane / 4 and t = lane % 4:
//   element e of register r of A is A[g + 8 (r % 2)][2 t + e + 8 (r / 2)]
//   element e of register r of B is B[2 t + e + 8 r][g]
//   register r of D is D[g + 8 (r / 2)][2 t + r % 2]
struct Mma
{
    float* d;
    const unsigned* a;
    unsigned b[2];

    static void multiply(void* const* arguments, unsigned)
    {
        whole_warp(arguments, "mma in a warp that is not whole");
        float a[16][16], b[16][8];
        for (unsigned lane = 0; lane < 32; lane++)
        {
            auto* argument = (Mma*)arguments[lane];
            unsigned g = lane / 4, t = lane % 4;
            for (unsigned e = 0; e < 2; e++)
            {
                for (unsigned r = 0; r < 4; r++)
                    a[g + 8 * (r % 2)][2 * t + e + 8 * (r / 2)] = from_bf16(half_of(argument->a[r], e));
                for (unsigned r = 0; r < 2; r++)
                    b[2 * t + e + 8 * r][g] = from_bf16(half_of(argument->b[r], e));
            }
        }
        for (unsigned lane = 0; lane < 32; lane++)
            for (unsigned r = 0; r < 4; r++)
            {
                unsigned row = lane / 4 + 8 * (r / 2), column = 2 * (lane % 4) + r % 2;
                float sum = ((Mma*)arguments[lane])->d[r];
                for (unsigned k = 0; k < 16; k++)
                    sum = __builtin_fmaf(a[row][k], b[k][column], sum);
                ((Mma*)arguments[lane])->d[r] = sum;
            }
    }
};

// A result of an instruction with .ftz: subnormal numbers are 0.
static inline float flush(float x) { return __builtin_fabsf(x) < 1.17549435e-38f ? __builtin_copysignf(0.0f, x) : x; }

}

// ---- functions for kernels ----

#define DYNAMIC_SHARED(name) unsigned char* name = emulator::runtime->dynamic_shared

static inline unsigned shared_address(const void* pointer) { return emulator::to_shared(pointer); }

static inline void cp_async_16(void* shared, const void* global) { emulator::copy_async(shared, global, 16, true); }
static inline void cp_async_16_zero(void* shared, const void* global, bool valid) { emulator::copy_async(shared, global, 16, valid); }
static inline void cp_async_commit()
{
    emulator::own_copies().groups++;
    emulator::runtime->preempt();
}

template<int N> inline void cp_async_wait()
{
    emulator::runtime->preempt();
    emulator::wait_copies(N);
}

static inline void ldmatrix_x4(unsigned (&r)[4], const void* row) { emulator::load_matrix<4, false>(r, row); }
static inline void ldmatrix_x4_trans(unsigned (&r)[4], const void* row) { emulator::load_matrix<4, true>(r, row); }
static inline void ldmatrix_x2(unsigned (&r)[2], const void* row) { emulator::load_matrix<2, false>(r, row); }
static inline void ldmatrix_x2_trans(unsigned (&r)[2], const void* row) { emulator::load_matrix<2, true>(r, row); }

static inline void mma_m16n8k16_bf16(float (&d)[4], const unsigned (&a)[4], const unsigned b0, const unsigned b1)
{
    emulator::Mma argument { d, a, { b0, b1 } };
    emulator::runtime->collective(32, 0xffffffffu, "mma_m16n8k16_bf16", emulator::Mma::multiply, &argument);
}

static inline unsigned pack_bf16(float low, float high)
{
    return emulator::to_bf16(low) | (unsigned)emulator::to_bf16(high) << 16;
}

static inline float exp2_fast(float x) { return emulator::flush(exp2f(emulator::flush(x))); }
static inline float reciprocal_fast(float x) { return emulator::flush(1 / emulator::flush(x)); }
