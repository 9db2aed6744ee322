// Replaces src/ModelDsl.Gpu/Kernels/Dialect/ptx_hopper.h when the emulated compiler compiles a kernel: the same
// functions in plain C++, written from the PTX ISA's description of wgmma, its descriptors and mbarrier.
//
// Strict where hardware is merely undefined: a product's target is NaN from its issue to the wait that ends its group,
// and must not be written in between; operands, in registers or in shared memory, must be the same at the wait as
// at the issue; products that begin with new registers need a fence after the last wait; they see of shared memory only what
// fence_proxy_async has made visible (see runtime.h). Not supported: the base offset of descriptors, bulk copies, clusters.
#pragma once
#include "ptx.h"

#ifndef __CUDA_ARCH_FEAT_SM90_ALL
#error wgmma and setmaxnreg need the architecture sm_90a
#endif

typedef unsigned long long uint64;

namespace emulator
{

constexpr unsigned GroupThreads = 128, MaxValues = 128;

// ---- operands by descriptor ----

// An operand of [rows, 16] elements of 16 bits, rows being M or N. Layouts in bytes, before the swizzle:
//   rows stored, K inside (not transposed)    8 rows of W bytes; the next 8 rows at +stride; the second half of K at +16,
//                                             without swizzle (W = 16) at +leading
//   K stored, rows inside (transposed)        8 k of W bytes; the next 8 k at +stride; the next W / 2 rows at +leading;
//                                             without swizzle (W = 16) leading and stride are exchanged
// The swizzle exchanges 16-byte chunks: bits 4.. of the address are xored with bits 7.. (3, 2 or 1 of them for W = 128, 64, 32).
struct Operand
{
    unsigned start, leading, stride, width, bits;
    bool transposed;

    Operand(uint64 descriptor, bool transposed) : transposed(transposed)
    {
        start = (unsigned)(descriptor & 0x3fff) << 4;
        leading = (unsigned)(descriptor >> 16 & 0x3fff) << 4;
        stride = (unsigned)(descriptor >> 32 & 0x3fff) << 4;
        if (descriptor >> 49 & 7)
            runtime->fail(719, "a descriptor with a base offset, which is not emulated");
        unsigned mode = (unsigned)(descriptor >> 62);
        bits = mode == 0 ? 0 : 4 - mode;
        width = 16u << bits;
    }

    unsigned short at(unsigned row, unsigned k) const
    {
        unsigned offset;
        if (!transposed)
            offset = row / 8 * stride + row % 8 * width + k / 8 * (bits ? 16 : leading) + k % 8 * 2;
        else
        {
            unsigned block = width / 2;
            offset = row / block * (bits ? leading : stride) + row % block * 2 + k / 8 * (bits ? stride : leading) + k % 8 * width;
        }
        unsigned address = start + offset;
        address ^= (address >> 7 & ((1u << bits) - 1)) << 4;
        return *(const unsigned short*)view(address);
    }

    static const unsigned char* view(unsigned address)
    {
        unsigned in_static = address - WindowStart, in_dynamic = address - dynamic_start();
        if (in_static < runtime->static_bytes)
            return runtime->async_view(runtime->static_shared + in_static);
        if (in_dynamic >= runtime->dynamic_bytes)
            runtime->fail(700, "wgmma with a descriptor that reaches beyond shared memory");
        return runtime->async_view(runtime->dynamic_shared + in_dynamic);
    }
};

// ---- products: queued at the issue, done at the wait ----

// The two operands: a[row][k], b[k][column].
struct Operands
{
    unsigned short a[64][16], b[16][256];
};

// A target, from the first issue to the end of the last product into it: sums[t] are thread t's values.
struct Target
{
    float* registers[GroupThreads]; // null: free
    unsigned values;
    float sums[GroupThreads][MaxValues];
};

struct Product
{
    Target* target;
    unsigned columns, group;
    bool accumulate, transpose_a, transpose_b, a_in_registers;
    uint64 a_descriptor, b_descriptor;
    const unsigned* a_registers[GroupThreads];
    Operands operands; // at the issue
};

struct WarpGroup
{
    unsigned long long serial;
    bool fenced;
    unsigned groups, ended, count;
    Target targets[8];
    Product products[64];
};

static WarpGroup warp_groups[8];

static inline WarpGroup& own_group()
{
    WarpGroup& own = warp_groups[runtime->linear / GroupThreads];
    if (own.serial != runtime->serial)
    {
        own.serial = runtime->serial;
        own.fenced = false;
        own.groups = own.ended = own.count = 0;
        for (Target& target : own.targets)
            target.registers[0] = nullptr;
    }
    return own;
}

constexpr unsigned Poison = 0xffc0beef; // a NaN that arithmetic does not produce

static inline Target* find_target(WarpGroup& own, float* registers)
{
    for (Target& target : own.targets)
        if (target.registers[0] == registers)
            return &target;
    return nullptr;
}

// D[64, N] (+)= A[64, 16] B[16, N]. Warp w of the group has rows 16 w to 16 w + 15; with g = lane / 4 and t = lane % 4:
//   register r of D is D[g + 8 (r / 2 % 2)][8 (r / 4) + 2 t + r % 2]
//   element e of register r of A is A[g + 8 (r % 2)][2 t + e + 8 (r / 2)]
static inline void read_operands(const Product& product, Operands& operands)
{
    if (product.a_in_registers)
        for (unsigned i = 0; i < GroupThreads; i++)
            for (unsigned r = 0; r < 4; r++)
                for (unsigned e = 0; e < 2; e++)
                    operands.a[i / 32 * 16 + i % 32 / 4 + 8 * (r % 2)][2 * (i % 4) + e + 8 * (r / 2)] = half_of(product.a_registers[i][r], e);
    else
    {
        Operand a(product.a_descriptor, product.transpose_a);
        for (unsigned row = 0; row < 64; row++)
            for (unsigned k = 0; k < 16; k++)
                operands.a[row][k] = a.at(row, k);
    }
    Operand b(product.b_descriptor, product.transpose_b);
    for (unsigned column = 0; column < product.columns; column++)
        for (unsigned k = 0; k < 16; k++)
            operands.b[k][column] = b.at(column, k);
}

struct Issue
{
    float* d;
    const unsigned* a;
    uint64 a_descriptor, b_descriptor;
    unsigned columns;
    bool accumulate, transpose_a, transpose_b;

    static void queue(void* const* arguments, unsigned)
    {
        auto lane = [&](unsigned i) -> Issue& { return *(Issue*)arguments[i]; };
        WarpGroup& own = own_group();
        for (unsigned i = 1; i < GroupThreads; i++)
            if (lane(i).a_descriptor != lane(0).a_descriptor || lane(i).b_descriptor != lane(0).b_descriptor || lane(i).accumulate != lane(0).accumulate)
                runtime->fail(719, "wgmma with descriptors that differ between the threads of a warpgroup");
        Target* target = find_target(own, lane(0).d);
        if ((!target || lane(0).a) && !own.fenced)
            runtime->fail(719, "wgmma without wgmma_fence since the last wait: its registers may not be visible");
        if (!target)
            target = take(own, arguments);
        if (own.count == 64)
            runtime->fail(719, "more than 64 wgmma of one warpgroup under way");
        Product& product = own.products[own.count++];
        product.target = target;
        product.columns = lane(0).columns;
        product.group = own.groups;
        product.accumulate = lane(0).accumulate;
        product.transpose_a = lane(0).transpose_a;
        product.transpose_b = lane(0).transpose_b;
        product.a_descriptor = lane(0).a_descriptor;
        product.b_descriptor = lane(0).b_descriptor;
        product.a_in_registers = lane(0).a != nullptr;
        if (product.a_in_registers)
            for (unsigned i = 0; i < GroupThreads; i++)
                product.a_registers[i] = lane(i).a;
        read_operands(product, product.operands);
    }

    static Target* take(WarpGroup& own, void* const* arguments)
    {
        Target* target = find_target(own, nullptr);
        if (!target)
            runtime->fail(719, "more than 8 targets of wgmma of one warpgroup under way");
        target->values = ((Issue*)arguments[0])->columns / 2;
        for (unsigned i = 0; i < GroupThreads; i++)
        {
            float* d = target->registers[i] = ((Issue*)arguments[i])->d;
            __builtin_memcpy(target->sums[i], d, target->values * 4);
            for (unsigned j = 0; j < target->values; j++)
                __builtin_memcpy(d + j, &Poison, 4);
        }
        return target;
    }
};

static inline void multiply(const Product& product)
{
    static Operands now;
    read_operands(product, now);
    if (__builtin_memcmp(now.a, product.operands.a, sizeof now.a) != 0)
        runtime->fail(719, product.a_in_registers ? "registers of A were written between wgmma and its wait" : "A was written between wgmma and its wait");
    for (unsigned k = 0; k < 16; k++)
        if (__builtin_memcmp(now.b[k], product.operands.b[k], product.columns * 2) != 0)
            runtime->fail(719, "B was written between wgmma and its wait");

    static float sums[256];
    for (unsigned row = 0; row < 64; row++)
    {
        for (unsigned column = 0; column < product.columns; column++)
            sums[column] = 0;
        for (unsigned k = 0; k < 16; k++)
            for (unsigned column = 0; column < product.columns; column++)
                sums[column] = __builtin_fmaf(from_bf16(now.a[row][k]), from_bf16(now.b[k][column]), sums[column]);
        for (unsigned column = 0; column < product.columns; column++)
        {
            unsigned thread = row / 16 * 32 + row % 8 * 4 + column % 8 / 2;
            float& sum = product.target->sums[thread][column / 8 * 4 + row / 8 % 2 * 2 + column % 2];
            sum = product.accumulate ? sum + sums[column] : sums[column];
        }
    }
}

static inline void give_back(Target& target)
{
    for (unsigned i = 0; i < GroupThreads; i++)
    {
        for (unsigned j = 0; j < target.values; j++)
            if (__builtin_memcmp(target.registers[i] + j, &Poison, 4) != 0)
                runtime->fail(719, "the target of wgmma was written before its wait");
        __builtin_memcpy(target.registers[i], target.sums[i], target.values * 4);
    }
    target.registers[0] = nullptr;
}

template<int Pending> void end_groups(void* const*, unsigned)
{
    WarpGroup& own = own_group();
    unsigned kept = 0;
    for (unsigned i = 0; i < own.count; i++)
        if (own.products[i].group + Pending >= own.groups)
        {
            if (kept != i)
                own.products[kept] = own.products[i];
            kept++;
        }
        else
            multiply(own.products[i]);
    own.count = kept;
    for (Target& target : own.targets)
    {
        bool used = false;
        for (unsigned i = 0; i < kept; i++)
            used |= own.products[i].target == &target;
        if (!used && target.registers[0])
            give_back(target);
    }
    own.fenced = false;
}

static inline void issue(const char* name, Issue argument)
{
    runtime->collective(GroupThreads, 0, name, Issue::queue, &argument);
}

}

// ---- descriptors ----

static inline uint64 shared_descriptor(unsigned address, unsigned panel_bytes, unsigned group_bytes)
{
    if (address % 16 || panel_bytes % 16 || group_bytes % 16)
        emulator::runtime->fail(716, "a descriptor of what is no multiple of 16");
    return (uint64)((address & 0x3ffff) >> 4) | (uint64)(panel_bytes >> 4 & 0x3fff) << 16 | (uint64)(group_bytes >> 4 & 0x3fff) << 32 | 1ull << 62;
}

static inline uint64 descriptor_advance(uint64 descriptor, unsigned bytes) { return descriptor + (bytes >> 4); }

static inline void fence_proxy_async() { emulator::runtime->fence_async(); }

// ---- products ----

static inline void wgmma_fence()
{
    emulator::runtime->collective(emulator::GroupThreads, 0, "wgmma_fence", [](void* const*, unsigned) { emulator::own_group().fenced = true; }, nullptr);
}

static inline void wgmma_commit()
{
    emulator::runtime->collective(emulator::GroupThreads, 0, "wgmma_commit", [](void* const*, unsigned) { emulator::own_group().groups++; }, nullptr);
}

template<int GROUPS> inline void wgmma_wait()
{
    emulator::runtime->collective(emulator::GroupThreads, 0, "wgmma_wait", emulator::end_groups<GROUPS>, nullptr);
}

template<int COUNT> inline void wgmma_hold(float (&)[COUNT]) {}
template<int COUNT> inline void wgmma_hold(unsigned (&)[COUNT][4]) {}

template<int N, int TRANSPOSE_A, int TRANSPOSE_B>
inline void wgmma_m64k16_bf16_ss(float (&d)[N / 2], uint64 a_descriptor, uint64 b_descriptor, int accumulate_into)
{
    static_assert(N % 8 == 0 && N >= 8 && N <= 256, "products of 8 to 256 columns");
    emulator::issue("wgmma_m64k16_bf16_ss", { d, nullptr, a_descriptor, b_descriptor, N, accumulate_into != 0, TRANSPOSE_A != 0, TRANSPOSE_B != 0 });
}

template<int N, int TRANSPOSE_B>
inline void wgmma_m64k16_bf16_rs(float (&d)[N / 2], const unsigned (&a)[4], uint64 b_descriptor, int accumulate_into)
{
    static_assert(N % 8 == 0 && N >= 8 && N <= 256, "products of 8 to 256 columns");
    emulator::issue("wgmma_m64k16_bf16_rs", { d, a, 0, b_descriptor, N, accumulate_into != 0, false, TRANSPOSE_B != 0 });
}

// ---- barriers of some warps ----

static inline void named_barrier_sync(int barrier, int threads) { emulator::runtime->barrier((unsigned)barrier, (unsigned)threads, true); }

static inline void named_barrier_arrive(int barrier, int threads)
{
    emulator::runtime->preempt();
    emulator::runtime->barrier((unsigned)barrier, (unsigned)threads, false);
}

// ---- barriers in shared memory ----

namespace emulator
{

struct MBarrier { unsigned short arrivals, pending; unsigned phase; };

static inline MBarrier& mbarrier(uint64* barrier)
{
    if (to_shared(barrier) % 8)
        runtime->fail(716, "an mbarrier at an address that is no multiple of 8");
    auto& state = *(MBarrier*)barrier;
    if (state.arrivals == 0xffff)
        runtime->fail(719, "an mbarrier that was not initialised");
    return state;
}

}

static inline void mbarrier_init(uint64* barrier, int arrivals)
{
    *(emulator::MBarrier*)barrier = { (unsigned short)arrivals, (unsigned short)arrivals, 0 };
    emulator::mbarrier(barrier);
}

static inline void mbarrier_arrive(uint64* barrier)
{
    emulator::runtime->preempt();
    auto& state = emulator::mbarrier(barrier);
    if (--state.pending > 0)
        return;
    state.pending = state.arrivals;
    state.phase++;
    emulator::runtime->publish();
}

static inline void mbarrier_wait(uint64* barrier, int parity)
{
    while ((emulator::mbarrier(barrier).phase & 1) == (unsigned)parity)
        emulator::runtime->yield();
}

// ---- registers: nothing to do on a CPU ----

template<int REGISTERS> inline void set_max_registers_up()
{
    static_assert(REGISTERS % 8 == 0 && REGISTERS >= 24 && REGISTERS <= 256, "a multiple of 8 from 24 to 256");
}

template<int REGISTERS> inline void set_max_registers_down()
{
    static_assert(REGISTERS % 8 == 0 && REGISTERS >= 24 && REGISTERS <= 256, "a multiple of 8 from 24 to 256");
}
