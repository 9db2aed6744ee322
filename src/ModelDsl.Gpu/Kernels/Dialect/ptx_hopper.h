// Hopper's own instructions (compute capability 9.0, target sm_90a), as functions: matrix products by warpgroups
// (wgmma), barriers in shared memory, barriers of some of a block's warps, and the moving of registers between
// warpgroups. Semantics: PTX ISA 8.0, "Asynchronous Warpgroup Level Matrix Instructions", "mbarrier", "setmaxnreg".
//
// A warpgroup is 128 threads, warps 4i to 4i + 3 of a block. All its threads call each wgmma function together, with
// the same descriptors. Products run on beside the threads; in order:
//     wgmma_fence();                     what the threads wrote to d and a is visible to the products
//     wgmma_m64k16_bf16_..(d, ...); ...  any number; those into the same d follow one another
//     wgmma_commit();                    they are one group
//     ...                                d and a are neither read nor written here
//     wgmma_wait<n>();                   all groups have ended but the last n
//     wgmma_hold(d);                     the compiler moves no use of d to before this place
//
// d [64, N] in fp32: thread t of the warpgroup holds, in d[4 j + 2 i + e], row 16 (t / 32) + (t % 32) / 4 + 8 i,
// column 8 j + 2 (t % 4) + e. a [64, 16] in bf16 pairs: a[2 j + i] has rows as d, columns 8 j + 2 (t % 4) + {0, 1}.
#pragma once

typedef unsigned long long uint64;

// ---- Operands in shared memory ----

// A descriptor of an operand in shared memory with the 128-byte swizzle: panels of 64 columns, a row of a panel in 128
// bytes, 8 rows in 1024 bytes at a multiple of 1024, the 16-byte chunk c of row r at chunk c ^ (r % 8).
//   Rows are M or N, columns K (transpose 0): group_bytes from 8 rows to the next 8; panel_bytes is not used. 16
//   columns further on is 32 bytes more of address, inside a panel.
//   Rows are K, columns M or N (transpose 1): group_bytes from 8 rows to the next 8; panel_bytes from one panel to the
//   next. 16 rows further on is 2 group_bytes more of address.
DEVICE uint64 shared_descriptor(uint address, uint panel_bytes, uint group_bytes)
{
    const uint64 swizzle_128 = 1;
    return (uint64)((address & 0x3FFFF) >> 4) | (uint64)(panel_bytes >> 4) << 16 | (uint64)(group_bytes >> 4) << 32 | swizzle_128 << 62;
}

// The descriptor of an operand that begins some bytes further on.
DEVICE uint64 descriptor_advance(uint64 descriptor, uint bytes)
{
    return descriptor + (bytes >> 4);
}

// Makes this thread's earlier writes to shared memory (cp.async that was waited for included) visible to the products
// that are issued after a barrier that this thread then reaches.
DEVICE void fence_proxy_async()
{
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// ---- Products ----

DEVICE void wgmma_fence()
{
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

DEVICE void wgmma_commit()
{
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

template<int GROUPS>
DEVICE void wgmma_wait()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" :: "n"(GROUPS) : "memory");
}

template<int COUNT>
DEVICE void wgmma_hold(float (&d)[COUNT])
{
#pragma unroll
    for (int i = 0; i < COUNT; i++)
        asm volatile("" : "+f"(d[i]) :: "memory");
}

// The same of left operands in registers: the compiler makes them before this place.
template<int COUNT>
DEVICE void wgmma_hold(uint (&a)[COUNT][4])
{
#pragma unroll
    for (int i = 0; i < COUNT; i++)
#pragma unroll
        for (int j = 0; j < 4; j++)
            asm volatile("" : "+r"(a[i][j]) :: "memory");
}

#define WGMMA_NAMES_0_31 \
    "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
    "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define WGMMA_NAMES_0_47 WGMMA_NAMES_0_31 \
    ", %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47"
#define WGMMA_NAMES_0_63 WGMMA_NAMES_0_47 \
    ", %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define WGMMA_NAMES_0_95 WGMMA_NAMES_0_63 \
    ", %64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79" \
    ", %80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
#define WGMMA_NAMES_0_127 WGMMA_NAMES_0_95 \
    ", %96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111" \
    ", %112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"

#define WGMMA_8(d, i) \
    "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), "+f"(d[i + 7])
#define WGMMA_32(d, i) WGMMA_8(d, i), WGMMA_8(d, i + 8), WGMMA_8(d, i + 16), WGMMA_8(d, i + 24)
#define WGMMA_48(d) WGMMA_32(d, 0), WGMMA_8(d, 32), WGMMA_8(d, 40)
#define WGMMA_64(d) WGMMA_32(d, 0), WGMMA_32(d, 32)
#define WGMMA_96(d) WGMMA_64(d), WGMMA_32(d, 64)
#define WGMMA_128(d) WGMMA_96(d), WGMMA_32(d, 96)

// One product: its N, the names of d and of the other operands in their order, the operands of d.
#define WGMMA_SHARED_A(n, d_names, a_name, b_name, accumulate, transpose_a, transpose_b, ...) \
    asm volatile("{ .reg .pred p; setp.ne.b32 p, " accumulate ", 0;\n" \
        "wgmma.mma_async.sync.aligned.m64n" n "k16.f32.bf16.bf16 {" d_names "}, " \
        a_name ", " b_name ", p, 1, 1, " transpose_a ", " transpose_b "; }" \
        : __VA_ARGS__ : "l"(a_descriptor), "l"(b_descriptor), "r"(accumulate_into), "n"(TRANSPOSE_A), "n"(TRANSPOSE_B))

#define WGMMA_REGISTER_A(n, d_names, a_names, b_name, accumulate, transpose_b, ...) \
    asm volatile("{ .reg .pred p; setp.ne.b32 p, " accumulate ", 0;\n" \
        "wgmma.mma_async.sync.aligned.m64n" n "k16.f32.bf16.bf16 {" d_names "}, " \
        "{" a_names "}, " b_name ", p, 1, 1, " transpose_b "; }" \
        : __VA_ARGS__ : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b_descriptor), "r"(accumulate_into), "n"(TRANSPOSE_B))

// d [64, N] = a [64, 16] b [16, N] (+ d where accumulate_into is not 0), a and b in shared memory. Transposed: a stored
// [16, 64], b stored [16, N]; else a [64, 16], b [N, 16]. N is 64, 96, 128, 192 or 256.
template<int N, int TRANSPOSE_A, int TRANSPOSE_B>
DEVICE void wgmma_m64k16_bf16_ss(float (&d)[N / 2], uint64 a_descriptor, uint64 b_descriptor, int accumulate_into)
{
    static_assert(N == 64 || N == 96 || N == 128 || N == 192 || N == 256, "products of 64, 96, 128, 192 or 256 columns");
    if constexpr (N == 64)
        WGMMA_SHARED_A("64", WGMMA_NAMES_0_31, "%32", "%33", "%34", "%35", "%36", WGMMA_32(d, 0));
    else if constexpr (N == 96)
        WGMMA_SHARED_A("96", WGMMA_NAMES_0_47, "%48", "%49", "%50", "%51", "%52", WGMMA_48(d));
    else if constexpr (N == 128)
        WGMMA_SHARED_A("128", WGMMA_NAMES_0_63, "%64", "%65", "%66", "%67", "%68", WGMMA_64(d));
    else if constexpr (N == 192)
        WGMMA_SHARED_A("192", WGMMA_NAMES_0_95, "%96", "%97", "%98", "%99", "%100", WGMMA_96(d));
    else
        WGMMA_SHARED_A("256", WGMMA_NAMES_0_127, "%128", "%129", "%130", "%131", "%132", WGMMA_128(d));
}

// The same with a in registers.
template<int N, int TRANSPOSE_B>
DEVICE void wgmma_m64k16_bf16_rs(float (&d)[N / 2], const uint (&a)[4], uint64 b_descriptor, int accumulate_into)
{
    static_assert(N == 64 || N == 96 || N == 128 || N == 192 || N == 256, "products of 64, 96, 128, 192 or 256 columns");
    if constexpr (N == 64)
        WGMMA_REGISTER_A("64", WGMMA_NAMES_0_31, "%32, %33, %34, %35", "%36", "%37", "%38", WGMMA_32(d, 0));
    else if constexpr (N == 96)
        WGMMA_REGISTER_A("96", WGMMA_NAMES_0_47, "%48, %49, %50, %51", "%52", "%53", "%54", WGMMA_48(d));
    else if constexpr (N == 128)
        WGMMA_REGISTER_A("128", WGMMA_NAMES_0_63, "%64, %65, %66, %67", "%68", "%69", "%70", WGMMA_64(d));
    else if constexpr (N == 192)
        WGMMA_REGISTER_A("192", WGMMA_NAMES_0_95, "%96, %97, %98, %99", "%100", "%101", "%102", WGMMA_96(d));
    else
        WGMMA_REGISTER_A("256", WGMMA_NAMES_0_127, "%128, %129, %130, %131", "%132", "%133", "%134", WGMMA_128(d));
}

// ---- Barriers of some warps, by number (0 is __syncthreads') ----

// Waits until `threads` threads, a multiple of 32, have reached this barrier by sync or arrive.
DEVICE void named_barrier_sync(int barrier, int threads)
{
    asm volatile("bar.sync %0, %1;" :: "r"(barrier), "r"(threads) : "memory");
}

// Counts at the barrier without waiting.
DEVICE void named_barrier_arrive(int barrier, int threads)
{
    asm volatile("bar.arrive %0, %1;" :: "r"(barrier), "r"(threads) : "memory");
}

// ---- Barriers in shared memory ----
// A phase ends when `arrivals` arrivals have been counted; the first phase has parity 0, the next 1, and so on.

DEVICE void mbarrier_init(uint64* barrier, int arrivals)
{
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" :: "r"(shared_address(barrier)), "r"(arrivals) : "memory");
}

// Counts one arrival; what this thread wrote before is visible to those who wait for the phase.
DEVICE void mbarrier_arrive(uint64* barrier)
{
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" :: "r"(shared_address(barrier)) : "memory");
}

// Waits until the phase of that parity has ended: with parity 1 a new barrier lets through at once.
DEVICE void mbarrier_wait(uint64* barrier, int parity)
{
    uint address = shared_address(barrier), ended;
    do
        asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
            : "=r"(ended) : "r"(address), "r"(parity) : "memory");
    while (!ended);
}

// ---- Registers ----
// The kernel has __launch_bounds__; every warp of a warpgroup calls it, at one place. REGISTERS is a multiple of 8 from
// 24 to 256, for each thread from here on.

template<int REGISTERS>
DEVICE void set_max_registers_up()
{
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" :: "n"(REGISTERS));
}

template<int REGISTERS>
DEVICE void set_max_registers_down()
{
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" :: "n"(REGISTERS));
}
