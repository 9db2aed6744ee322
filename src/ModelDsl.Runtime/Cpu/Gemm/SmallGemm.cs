using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Products with few rows of A (single tokens), which read B once at the speed of memory: nothing is packed. A row's
/// sums do not depend on the other rows.
/// </summary>
internal static unsafe class SmallGemm
{
    /// <summary>Rows up to which this beats packing.</summary>
    public const int MaxRowsTransposed = 8, MaxRowsPlain = 4;

    // Columns whose results are handed to the epilogue together, and whose part of C stays in cache while K passes.
    private const int ColumnBlock = 1024;

    // A part smaller than this is not worth another thread: bytes of B.
    private const long BytesPerPart = 128 << 10;

    public static bool Fits(in GemmJob job) =>
        job.M <= (job.B.Transposed ? MaxRowsTransposed : MaxRowsPlain)
        && (!job.A.Transposed || (long)job.M * job.K <= Gemm.ScratchFloats);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(WorkerPool pool, float* scratch, ref GemmJob job)
    {
        if (job.A.Transposed)
        {
            for (int i = 0; i < job.M; i++)
                for (int p = 0; p < job.K; p++)
                    scratch[i * (nint)job.K + p] = job.A.Data[p * (nint)job.A.Stride + i];
            job.A = new Matrix(scratch, job.K);
        }
        long bytes = (long)job.N * job.K * sizeof(float);
        job.RowParts = 1;
        job.ColumnParts = (int)Math.Clamp(bytes / BytesPerPart, 1, pool.Threads);
        pool.Run(&RunPart, Unsafe.AsPointer(ref job), job.ColumnParts);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPart(void* state, int part)
    {
        ref GemmJob job = ref *(GemmJob*)state;
        int begin = Begin(job, part), end = Begin(job, part + 1);
        for (int column = begin; column < end; column += ColumnBlock)
        {
            int columns = Math.Min(ColumnBlock, end - column);
            if (job.B.Transposed)
                MultiplyRows(job, column, columns);
            else
                MultiplyColumns(job, column, columns);
            if (job.Epilogue != null)
                job.Epilogue(job.EpilogueState, 0, job.M, column, columns);
        }
    }

    private static int Begin(in GemmJob job, int part) =>
        part == job.ColumnParts ? job.N : (int)((long)job.N * part / job.ColumnParts / Simd.Width * Simd.Width);

    /// <summary>B is stored [N, K]: an element is the inner product of two contiguous rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRows(in GemmJob job, int column, int columns)
    {
        float* sums = stackalloc float[8];
        nint aStride = job.A.Stride, bStride = job.B.Stride, cStride = job.C.Stride;
        nint ahead = 2 * bStride;
        for (int j = column; j < column + columns; j += 2)
        {
            bool pair = j + 1 < column + columns;
            float* b0 = job.B.Data + j * bStride, b1 = pair ? b0 + bStride : b0;
            float* a = job.A.Data, c = job.C.Data + j;
            int i = 0;
            for (; i + 4 <= job.M; i += 4, a += 4 * aStride, c += 4 * cStride)
            {
                Dot4x2(a, aStride, b0, b1, i == 0 ? ahead : 0, job.K, sums);
                for (int r = 0; r < 4; r++)
                {
                    Put(c + r * cStride, sums[2 * r], job.Accumulate);
                    if (pair)
                        Put(c + r * cStride + 1, sums[2 * r + 1], job.Accumulate);
                }
            }
            for (; i < job.M; i++, a += aStride, c += cStride)
            {
                Put(c, Dot1(a, b0, job.K), job.Accumulate);
                if (pair)
                    Put(c + 1, Dot1(a, b1, job.K), job.Accumulate);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, float sum, bool add) => *c = add ? *c + sum : sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* p)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(p);
    }

    /// <summary>Two chains of multiply-adds over K, as <see cref="Dot4x2"/> has them for each of its rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot1(float* a, float* b, int k)
    {
        Vector512<float> even = default, odd = default;
        int p = 0;
        for (; p + 2 * Simd.Width <= k; p += 2 * Simd.Width)
        {
            even = Simd.Fma(Simd.Load(a + p), Simd.Load(b + p), even);
            odd = Simd.Fma(Simd.Load(a + p + Simd.Width), Simd.Load(b + p + Simd.Width), odd);
        }
        for (; p < k; p += Simd.Width)
            even = Simd.Fma(Simd.Load(a + p, k - p), Simd.Load(b + p, k - p), even);
        return Simd.Sum(even + odd);
    }

    /// <summary>Four rows of A with two of B, which halves what is read of A; sums[2 i + j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dot4x2(float* a0, nint stride, float* b0, float* b1, nint ahead, int k, float* sums)
    {
        float* a1 = a0 + stride, a2 = a1 + stride, a3 = a2 + stride;
        Vector512<float> even00 = default, even01 = default, even10 = default, even11 = default;
        Vector512<float> even20 = default, even21 = default, even30 = default, even31 = default;
        Vector512<float> odd00 = default, odd01 = default, odd10 = default, odd11 = default;
        Vector512<float> odd20 = default, odd21 = default, odd30 = default, odd31 = default;
        int p = 0;
        for (; p + 2 * Simd.Width <= k; p += 2 * Simd.Width)
        {
            Fetch(b0 + p + ahead);
            Fetch(b1 + p + ahead);
            Fetch(b0 + p + ahead + Simd.Width);
            Fetch(b1 + p + ahead + Simd.Width);
            var x = Simd.Load(b0 + p);
            var y = Simd.Load(b1 + p);
            var a = Simd.Load(a0 + p);
            even00 = Simd.Fma(a, x, even00);
            even01 = Simd.Fma(a, y, even01);
            a = Simd.Load(a1 + p);
            even10 = Simd.Fma(a, x, even10);
            even11 = Simd.Fma(a, y, even11);
            a = Simd.Load(a2 + p);
            even20 = Simd.Fma(a, x, even20);
            even21 = Simd.Fma(a, y, even21);
            a = Simd.Load(a3 + p);
            even30 = Simd.Fma(a, x, even30);
            even31 = Simd.Fma(a, y, even31);
            x = Simd.Load(b0 + p + Simd.Width);
            y = Simd.Load(b1 + p + Simd.Width);
            a = Simd.Load(a0 + p + Simd.Width);
            odd00 = Simd.Fma(a, x, odd00);
            odd01 = Simd.Fma(a, y, odd01);
            a = Simd.Load(a1 + p + Simd.Width);
            odd10 = Simd.Fma(a, x, odd10);
            odd11 = Simd.Fma(a, y, odd11);
            a = Simd.Load(a2 + p + Simd.Width);
            odd20 = Simd.Fma(a, x, odd20);
            odd21 = Simd.Fma(a, y, odd21);
            a = Simd.Load(a3 + p + Simd.Width);
            odd30 = Simd.Fma(a, x, odd30);
            odd31 = Simd.Fma(a, y, odd31);
        }
        for (; p < k; p += Simd.Width)
        {
            var x = Simd.Load(b0 + p, k - p);
            var y = Simd.Load(b1 + p, k - p);
            var a = Simd.Load(a0 + p, k - p);
            even00 = Simd.Fma(a, x, even00);
            even01 = Simd.Fma(a, y, even01);
            a = Simd.Load(a1 + p, k - p);
            even10 = Simd.Fma(a, x, even10);
            even11 = Simd.Fma(a, y, even11);
            a = Simd.Load(a2 + p, k - p);
            even20 = Simd.Fma(a, x, even20);
            even21 = Simd.Fma(a, y, even21);
            a = Simd.Load(a3 + p, k - p);
            even30 = Simd.Fma(a, x, even30);
            even31 = Simd.Fma(a, y, even31);
        }
        sums[0] = Simd.Sum(even00 + odd00);
        sums[1] = Simd.Sum(even01 + odd01);
        sums[2] = Simd.Sum(even10 + odd10);
        sums[3] = Simd.Sum(even11 + odd11);
        sums[4] = Simd.Sum(even20 + odd20);
        sums[5] = Simd.Sum(even21 + odd21);
        sums[6] = Simd.Sum(even30 + odd30);
        sums[7] = Simd.Sum(even31 + odd31);
    }

    /// <summary>B is stored [K, N]: its rows, four at a time, are added to rows of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyColumns(in GemmJob job, int column, int columns)
    {
        nint stride = job.B.Stride;
        for (int i = 0; i < job.M && !job.Accumulate; i++)
            new Span<float>(job.C.Data + i * (nint)job.C.Stride + column, columns).Clear();
        for (int p = 0; p < job.K; p += 4)
        {
            float* b = job.B.Data + p * stride + column;
            for (int i = 0; i < job.M; i++)
            {
                float* a = job.A.Data + i * (nint)job.A.Stride + p, c = job.C.Data + i * (nint)job.C.Stride + column;
                if (p + 4 <= job.K)
                    AddRows4(a, b, stride, c, columns);
                else
                    for (int q = 0; q < job.K - p; q++)
                        AddRow(a[q], b + q * stride, c, columns);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRows4(float* a, float* b0, nint stride, float* c, int columns)
    {
        float* b1 = b0 + stride, b2 = b1 + stride, b3 = b2 + stride;
        Vector512<float> a0 = Simd.Splat(a[0]), a1 = Simd.Splat(a[1]), a2 = Simd.Splat(a[2]), a3 = Simd.Splat(a[3]);
        for (int j = 0; j < columns; j += Simd.Width)
        {
            int left = columns - j;
            Fetch(b0 + j + 4 * stride);
            Fetch(b1 + j + 4 * stride);
            Fetch(b2 + j + 4 * stride);
            Fetch(b3 + j + 4 * stride);
            var sum = Simd.Fma(a0, Simd.Load(b0 + j, left), Simd.Load(c + j, left));
            sum = Simd.Fma(a1, Simd.Load(b1 + j, left), sum);
            sum = Simd.Fma(a2, Simd.Load(b2 + j, left), sum);
            sum = Simd.Fma(a3, Simd.Load(b3 + j, left), sum);
            Simd.Store(c + j, sum, left);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(float a, float* b, float* c, int columns)
    {
        for (int j = 0; j < columns; j += Simd.Width)
            Simd.Store(c + j, Simd.Fma(Simd.Splat(a), Simd.Load(b + j, columns - j), Simd.Load(c + j, columns - j)), columns - j);
    }
}
