using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime.Cpu;

/// <summary>AVX2 register tiles of 6 rows by 16 or 8 columns: 12 accumulators, 2 columns of B, 1 broadcast.</summary>
internal static unsafe class GemmTile256
{
    public static GemmTile Tile => new()
    {
        Rows = 6,
        Vector = 8,
        MaxVectors = 2,
        One = &Multiply8,
        Two = &Multiply16,
        PackTransposed = &GemmPacking.Transpose128,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply16(in TileArguments t)
    {
        Vector256<float> c00 = default, c01 = default;
        Vector256<float> c10 = default, c11 = default;
        Vector256<float> c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default;
        Vector256<float> c40 = default, c41 = default;
        Vector256<float> c50 = default, c51 = default;
        nint row = t.ARow, twoRows = 2 * row, step = t.AColumn, bRow = t.BRow;
        float* a0 = t.A, a3 = a0 + 3 * row, b = t.B;
        for (int k = t.K; k > 0; k--)
        {
            Vector256<float> b0 = Avx.LoadVector256(b), b1 = Avx.LoadVector256(b + 8);
            var a = Vector256.Create(a0[0]);
            c00 = Fma.MultiplyAdd(a, b0, c00);
            c01 = Fma.MultiplyAdd(a, b1, c01);
            a = Vector256.Create(a0[row]);
            c10 = Fma.MultiplyAdd(a, b0, c10);
            c11 = Fma.MultiplyAdd(a, b1, c11);
            a = Vector256.Create(a0[twoRows]);
            c20 = Fma.MultiplyAdd(a, b0, c20);
            c21 = Fma.MultiplyAdd(a, b1, c21);
            a = Vector256.Create(a3[0]);
            c30 = Fma.MultiplyAdd(a, b0, c30);
            c31 = Fma.MultiplyAdd(a, b1, c31);
            a = Vector256.Create(a3[row]);
            c40 = Fma.MultiplyAdd(a, b0, c40);
            c41 = Fma.MultiplyAdd(a, b1, c41);
            a = Vector256.Create(a3[twoRows]);
            c50 = Fma.MultiplyAdd(a, b0, c50);
            c51 = Fma.MultiplyAdd(a, b1, c51);
            a0 += step;
            a3 += step;
            b += bRow;
        }

        float* c = t.C;
        nint next = t.CRow;
        bool add = t.Accumulate;
        Store(c, c00, add);
        Store(c + 8, c01, add);
        c += next;
        Store(c, c10, add);
        Store(c + 8, c11, add);
        c += next;
        Store(c, c20, add);
        Store(c + 8, c21, add);
        c += next;
        Store(c, c30, add);
        Store(c + 8, c31, add);
        c += next;
        Store(c, c40, add);
        Store(c + 8, c41, add);
        c += next;
        Store(c, c50, add);
        Store(c + 8, c51, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply8(in TileArguments t)
    {
        Vector256<float> c00 = default;
        Vector256<float> c10 = default;
        Vector256<float> c20 = default;
        Vector256<float> c30 = default;
        Vector256<float> c40 = default;
        Vector256<float> c50 = default;
        nint row = t.ARow, twoRows = 2 * row, step = t.AColumn, bRow = t.BRow;
        float* a0 = t.A, a3 = a0 + 3 * row, b = t.B;
        for (int k = t.K; k > 0; k--)
        {
            Vector256<float> b0 = Avx.LoadVector256(b);
            var a = Vector256.Create(a0[0]);
            c00 = Fma.MultiplyAdd(a, b0, c00);
            a = Vector256.Create(a0[row]);
            c10 = Fma.MultiplyAdd(a, b0, c10);
            a = Vector256.Create(a0[twoRows]);
            c20 = Fma.MultiplyAdd(a, b0, c20);
            a = Vector256.Create(a3[0]);
            c30 = Fma.MultiplyAdd(a, b0, c30);
            a = Vector256.Create(a3[row]);
            c40 = Fma.MultiplyAdd(a, b0, c40);
            a = Vector256.Create(a3[twoRows]);
            c50 = Fma.MultiplyAdd(a, b0, c50);
            a0 += step;
            a3 += step;
            b += bRow;
        }

        float* c = t.C;
        nint next = t.CRow;
        bool add = t.Accumulate;
        Store(c, c00, add);
        c += next;
        Store(c, c10, add);
        c += next;
        Store(c, c20, add);
        c += next;
        Store(c, c30, add);
        c += next;
        Store(c, c40, add);
        c += next;
        Store(c, c50, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector256<float> sum, bool add) =>
        Avx.Store(c, add ? Avx.Add(Avx.LoadVector256(c), sum) : sum);
}
