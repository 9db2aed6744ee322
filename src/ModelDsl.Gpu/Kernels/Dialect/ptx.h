// Instructions of NVIDIA's GPUs (sm_80 and newer) that C lacks. With ptx_hopper.h the only inline PTX; everything
// else calls these functions, so that kernels can also be compiled for a CPU with these functions in plain C++.
// Source of semantics and fragment layouts: NVIDIA, "Parallel Thread Execution ISA".
#pragma once

// Shared memory whose size the launch specifies (KernelGrid.LocalBytes), at kernel scope.
#define DYNAMIC_SHARED(name) \
    extern __shared__ __align__(1024) unsigned char dynamic_shared[]; \
    unsigned char* name = dynamic_shared

// The address that instructions on shared memory take.
__device__ __forceinline__ unsigned int shared_address(const void* pointer)
{
    return (unsigned int)__cvta_generic_to_shared(pointer);
}

// Asynchronous copies from global to shared memory -------------------------------------------------------------------

// 16 bytes, both addresses multiples of 16; bypasses the first-level cache.
__device__ __forceinline__ void cp_async_16(void* shared, const void* global)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" :: "r"(shared_address(shared)), "l"(global) : "memory");
}

// As cp_async_16; zeros where !valid, and global is then not read.
__device__ __forceinline__ void cp_async_16_zero(void* shared, const void* global, bool valid)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
        :: "r"(shared_address(shared)), "l"(global), "r"(valid ? 16 : 0) : "memory");
}

// Closes the group of this thread's copies since the last commit.
__device__ __forceinline__ void cp_async_commit()
{
    asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until at most N of this thread's groups are under way; a barrier then shows the copies to the other threads.
template <int N>
__device__ __forceinline__ void cp_async_wait()
{
    asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory");
}

// Matrices of 8 x 8 16-bit elements from shared memory ---------------------------------------------------------------
// Lane i gives the address of row i % 8 (16 bytes) of matrix i / 8. Lane i gets in r[m] elements 2 (i % 4) and
// 2 (i % 4) + 1 of row i / 4 of matrix m; with _trans of the transposed matrix.

__device__ __forceinline__ void ldmatrix_x4(unsigned int (&r)[4], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}

__device__ __forceinline__ void ldmatrix_x4_trans(unsigned int (&r)[4], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}

// Two matrices; lanes 0 to 15 give the addresses.
__device__ __forceinline__ void ldmatrix_x2(unsigned int (&r)[2], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
        : "=r"(r[0]), "=r"(r[1]) : "r"(shared_address(row)) : "memory");
}

__device__ __forceinline__ void ldmatrix_x2_trans(unsigned int (&r)[2], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
        : "=r"(r[0]), "=r"(r[1]) : "r"(shared_address(row)) : "memory");
}

// Arithmetic ---------------------------------------------------------------------------------------------------------

// d[16, 8] += a[16, 16] b[16, 8], bf16 into fp32. Lane i, with g = i / 4 and c = 2 (i % 4), holds
//   d[0], d[1]: row g, columns c, c + 1;       d[2], d[3]: row g + 8
//   a[0]: row g, columns c, c + 1;             a[1]: row g + 8;   a[2], a[3]: the same with columns c + 8, c + 9
//   b0: rows c, c + 1 of column g;             b1: rows c + 8, c + 9
__device__ __forceinline__ void mma_m16n8k16_bf16(float (&d)[4], const unsigned int (&a)[4], const unsigned int b0, const unsigned int b1)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Two floats rounded to nearest even; low in the low half.
__device__ __forceinline__ unsigned int pack_bf16(float low, float high)
{
    unsigned int packed;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
    return packed;
}

// 2^x to within 2 units in the last place; 0 for -infinity, subnormal results are 0.
__device__ __forceinline__ float exp2_fast(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// 1 / x to within 1 unit in the last place; 0 for infinity.
__device__ __forceinline__ float reciprocal_fast(float x)
{
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
