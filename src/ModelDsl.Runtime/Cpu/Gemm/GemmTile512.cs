using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime.Cpu;

/// <summary>AVX-512 register tiles of 8 rows by 48, 32 or 16 columns: 24 accumulators, 3 columns of B, 1 broadcast.</summary>
internal static unsafe class GemmTile512
{
    public static GemmTile Tile => new()
    {
        Rows = 8,
        Vector = 16,
        MaxVectors = 3,
        One = &Multiply16,
        Two = &Multiply32,
        Three = &Multiply48,
        PackTransposed = &GemmPacking.Transpose512,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply48(in TileArguments t)
    {
        Vector512<float> c00 = default, c01 = default, c02 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default;
        Vector512<float> c40 = default, c41 = default, c42 = default;
        Vector512<float> c50 = default, c51 = default, c52 = default;
        Vector512<float> c60 = default, c61 = default, c62 = default;
        Vector512<float> c70 = default, c71 = default, c72 = default;
        nint row = t.ARow, twoRows = 2 * row, step = t.AColumn, bRow = t.BRow;
        float* a0 = t.A, a3 = a0 + 3 * row, a6 = a3 + 3 * row, b = t.B;
        float* fetch0 = t.Fetch, fetch1 = fetch0 + t.FetchSecond, c = t.C;
        nint fetchStep = t.FetchStep;
        for (int k = t.K; k > 0;)
        {
            Sse.Prefetch1(fetch0);
            Sse.Prefetch1(fetch1);
            Sse.Prefetch0(c);
            Sse.Prefetch0(c + 16);
            Sse.Prefetch0(c + 32);
            fetch0 += fetchStep;
            fetch1 += fetchStep;
            c += t.CRow;
            for (int end = Math.Max(0, k - TileArguments.FetchSpan); k > end; k--)
            {
                Vector512<float> b0 = Avx512F.LoadVector512(b), b1 = Avx512F.LoadVector512(b + 16), b2 = Avx512F.LoadVector512(b + 32);
                var a = Vector512.Create(a0[0]);
                c00 = Avx512F.FusedMultiplyAdd(a, b0, c00);
                c01 = Avx512F.FusedMultiplyAdd(a, b1, c01);
                c02 = Avx512F.FusedMultiplyAdd(a, b2, c02);
                a = Vector512.Create(a0[row]);
                c10 = Avx512F.FusedMultiplyAdd(a, b0, c10);
                c11 = Avx512F.FusedMultiplyAdd(a, b1, c11);
                c12 = Avx512F.FusedMultiplyAdd(a, b2, c12);
                a = Vector512.Create(a0[twoRows]);
                c20 = Avx512F.FusedMultiplyAdd(a, b0, c20);
                c21 = Avx512F.FusedMultiplyAdd(a, b1, c21);
                c22 = Avx512F.FusedMultiplyAdd(a, b2, c22);
                a = Vector512.Create(a3[0]);
                c30 = Avx512F.FusedMultiplyAdd(a, b0, c30);
                c31 = Avx512F.FusedMultiplyAdd(a, b1, c31);
                c32 = Avx512F.FusedMultiplyAdd(a, b2, c32);
                a = Vector512.Create(a3[row]);
                c40 = Avx512F.FusedMultiplyAdd(a, b0, c40);
                c41 = Avx512F.FusedMultiplyAdd(a, b1, c41);
                c42 = Avx512F.FusedMultiplyAdd(a, b2, c42);
                a = Vector512.Create(a3[twoRows]);
                c50 = Avx512F.FusedMultiplyAdd(a, b0, c50);
                c51 = Avx512F.FusedMultiplyAdd(a, b1, c51);
                c52 = Avx512F.FusedMultiplyAdd(a, b2, c52);
                a = Vector512.Create(a6[0]);
                c60 = Avx512F.FusedMultiplyAdd(a, b0, c60);
                c61 = Avx512F.FusedMultiplyAdd(a, b1, c61);
                c62 = Avx512F.FusedMultiplyAdd(a, b2, c62);
                a = Vector512.Create(a6[row]);
                c70 = Avx512F.FusedMultiplyAdd(a, b0, c70);
                c71 = Avx512F.FusedMultiplyAdd(a, b1, c71);
                c72 = Avx512F.FusedMultiplyAdd(a, b2, c72);
                a0 += step;
                a3 += step;
                a6 += step;
                b += bRow;
            }
        }

        c = t.C;
        nint next = t.CRow;
        if (t.Accumulate)
        {
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c00));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c01));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c02));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c10));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c11));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c12));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c20));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c21));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c22));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c30));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c31));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c32));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c40));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c41));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c42));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c50));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c51));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c52));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c60));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c61));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c62));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c70));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c71));
            Avx512F.Store(c + 32, Avx512F.Add(Avx512F.LoadVector512(c + 32), c72));
        }
        else
        {
            Avx512F.Store(c, c00);
            Avx512F.Store(c + 16, c01);
            Avx512F.Store(c + 32, c02);
            c += next;
            Avx512F.Store(c, c10);
            Avx512F.Store(c + 16, c11);
            Avx512F.Store(c + 32, c12);
            c += next;
            Avx512F.Store(c, c20);
            Avx512F.Store(c + 16, c21);
            Avx512F.Store(c + 32, c22);
            c += next;
            Avx512F.Store(c, c30);
            Avx512F.Store(c + 16, c31);
            Avx512F.Store(c + 32, c32);
            c += next;
            Avx512F.Store(c, c40);
            Avx512F.Store(c + 16, c41);
            Avx512F.Store(c + 32, c42);
            c += next;
            Avx512F.Store(c, c50);
            Avx512F.Store(c + 16, c51);
            Avx512F.Store(c + 32, c52);
            c += next;
            Avx512F.Store(c, c60);
            Avx512F.Store(c + 16, c61);
            Avx512F.Store(c + 32, c62);
            c += next;
            Avx512F.Store(c, c70);
            Avx512F.Store(c + 16, c71);
            Avx512F.Store(c + 32, c72);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply32(in TileArguments t)
    {
        Vector512<float> c00 = default, c01 = default;
        Vector512<float> c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default;
        Vector512<float> c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default;
        Vector512<float> c50 = default, c51 = default;
        Vector512<float> c60 = default, c61 = default;
        Vector512<float> c70 = default, c71 = default;
        nint row = t.ARow, twoRows = 2 * row, step = t.AColumn, bRow = t.BRow;
        float* a0 = t.A, a3 = a0 + 3 * row, a6 = a3 + 3 * row, b = t.B;
        float* fetch0 = t.Fetch, fetch1 = fetch0 + t.FetchSecond, c = t.C;
        nint fetchStep = t.FetchStep;
        for (int k = t.K; k > 0;)
        {
            Sse.Prefetch1(fetch0);
            Sse.Prefetch1(fetch1);
            Sse.Prefetch0(c);
            Sse.Prefetch0(c + 16);
            fetch0 += fetchStep;
            fetch1 += fetchStep;
            c += t.CRow;
            for (int end = Math.Max(0, k - TileArguments.FetchSpan); k > end; k--)
            {
                Vector512<float> b0 = Avx512F.LoadVector512(b), b1 = Avx512F.LoadVector512(b + 16);
                var a = Vector512.Create(a0[0]);
                c00 = Avx512F.FusedMultiplyAdd(a, b0, c00);
                c01 = Avx512F.FusedMultiplyAdd(a, b1, c01);
                a = Vector512.Create(a0[row]);
                c10 = Avx512F.FusedMultiplyAdd(a, b0, c10);
                c11 = Avx512F.FusedMultiplyAdd(a, b1, c11);
                a = Vector512.Create(a0[twoRows]);
                c20 = Avx512F.FusedMultiplyAdd(a, b0, c20);
                c21 = Avx512F.FusedMultiplyAdd(a, b1, c21);
                a = Vector512.Create(a3[0]);
                c30 = Avx512F.FusedMultiplyAdd(a, b0, c30);
                c31 = Avx512F.FusedMultiplyAdd(a, b1, c31);
                a = Vector512.Create(a3[row]);
                c40 = Avx512F.FusedMultiplyAdd(a, b0, c40);
                c41 = Avx512F.FusedMultiplyAdd(a, b1, c41);
                a = Vector512.Create(a3[twoRows]);
                c50 = Avx512F.FusedMultiplyAdd(a, b0, c50);
                c51 = Avx512F.FusedMultiplyAdd(a, b1, c51);
                a = Vector512.Create(a6[0]);
                c60 = Avx512F.FusedMultiplyAdd(a, b0, c60);
                c61 = Avx512F.FusedMultiplyAdd(a, b1, c61);
                a = Vector512.Create(a6[row]);
                c70 = Avx512F.FusedMultiplyAdd(a, b0, c70);
                c71 = Avx512F.FusedMultiplyAdd(a, b1, c71);
                a0 += step;
                a3 += step;
                a6 += step;
                b += bRow;
            }
        }

        c = t.C;
        nint next = t.CRow;
        if (t.Accumulate)
        {
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c00));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c01));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c10));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c11));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c20));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c21));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c30));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c31));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c40));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c41));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c50));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c51));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c60));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c61));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c70));
            Avx512F.Store(c + 16, Avx512F.Add(Avx512F.LoadVector512(c + 16), c71));
        }
        else
        {
            Avx512F.Store(c, c00);
            Avx512F.Store(c + 16, c01);
            c += next;
            Avx512F.Store(c, c10);
            Avx512F.Store(c + 16, c11);
            c += next;
            Avx512F.Store(c, c20);
            Avx512F.Store(c + 16, c21);
            c += next;
            Avx512F.Store(c, c30);
            Avx512F.Store(c + 16, c31);
            c += next;
            Avx512F.Store(c, c40);
            Avx512F.Store(c + 16, c41);
            c += next;
            Avx512F.Store(c, c50);
            Avx512F.Store(c + 16, c51);
            c += next;
            Avx512F.Store(c, c60);
            Avx512F.Store(c + 16, c61);
            c += next;
            Avx512F.Store(c, c70);
            Avx512F.Store(c + 16, c71);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply16(in TileArguments t)
    {
        Vector512<float> c00 = default;
        Vector512<float> c10 = default;
        Vector512<float> c20 = default;
        Vector512<float> c30 = default;
        Vector512<float> c40 = default;
        Vector512<float> c50 = default;
        Vector512<float> c60 = default;
        Vector512<float> c70 = default;
        nint row = t.ARow, twoRows = 2 * row, step = t.AColumn, bRow = t.BRow;
        float* a0 = t.A, a3 = a0 + 3 * row, a6 = a3 + 3 * row, b = t.B;
        float* fetch0 = t.Fetch, fetch1 = fetch0 + t.FetchSecond, c = t.C;
        nint fetchStep = t.FetchStep;
        for (int k = t.K; k > 0;)
        {
            Sse.Prefetch1(fetch0);
            Sse.Prefetch1(fetch1);
            Sse.Prefetch0(c);
            fetch0 += fetchStep;
            fetch1 += fetchStep;
            c += t.CRow;
            for (int end = Math.Max(0, k - TileArguments.FetchSpan); k > end; k--)
            {
                Vector512<float> b0 = Avx512F.LoadVector512(b);
                var a = Vector512.Create(a0[0]);
                c00 = Avx512F.FusedMultiplyAdd(a, b0, c00);
                a = Vector512.Create(a0[row]);
                c10 = Avx512F.FusedMultiplyAdd(a, b0, c10);
                a = Vector512.Create(a0[twoRows]);
                c20 = Avx512F.FusedMultiplyAdd(a, b0, c20);
                a = Vector512.Create(a3[0]);
                c30 = Avx512F.FusedMultiplyAdd(a, b0, c30);
                a = Vector512.Create(a3[row]);
                c40 = Avx512F.FusedMultiplyAdd(a, b0, c40);
                a = Vector512.Create(a3[twoRows]);
                c50 = Avx512F.FusedMultiplyAdd(a, b0, c50);
                a = Vector512.Create(a6[0]);
                c60 = Avx512F.FusedMultiplyAdd(a, b0, c60);
                a = Vector512.Create(a6[row]);
                c70 = Avx512F.FusedMultiplyAdd(a, b0, c70);
                a0 += step;
                a3 += step;
                a6 += step;
                b += bRow;
            }
        }

        c = t.C;
        nint next = t.CRow;
        if (t.Accumulate)
        {
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c00));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c10));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c20));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c30));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c40));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c50));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c60));
            c += next;
            Avx512F.Store(c, Avx512F.Add(Avx512F.LoadVector512(c), c70));
        }
        else
        {
            Avx512F.Store(c, c00);
            c += next;
            Avx512F.Store(c, c10);
            c += next;
            Avx512F.Store(c, c20);
            c += next;
            Avx512F.Store(c, c30);
            c += next;
            Avx512F.Store(c, c40);
            c += next;
            Avx512F.Store(c, c50);
            c += next;
            Avx512F.Store(c, c60);
            c += next;
            Avx512F.Store(c, c70);
        }
    }
}
