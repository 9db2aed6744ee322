using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>Portable register tiles of 4 rows by 8 or 4 columns, in 128-bit vectors: SSE, Neon, or scalar code.</summary>
internal static unsafe class GemmTile128
{
    public static GemmTile Tile => new()
    {
        Rows = 4,
        Vector = 4,
        MaxVectors = 2,
        One = &Multiply4,
        Two = &Multiply8,
        PackTransposed = &GemmPacking.Transpose128,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply8(in TileArguments t)
    {
        Vector128<float> c00 = default, c01 = default;
        Vector128<float> c10 = default, c11 = default;
        Vector128<float> c20 = default, c21 = default;
        Vector128<float> c30 = default, c31 = default;
        nint row = t.ARow, step = t.AColumn, bRow = t.BRow;
        float* a0 = t.A, a2 = a0 + 2 * row, b = t.B;
        for (int k = t.K; k > 0; k--)
        {
            Vector128<float> b0 = Vector128.Load(b), b1 = Vector128.Load(b + 4);
            var a = Vector128.Create(a0[0]);
            c00 = Vector128.MultiplyAddEstimate(a, b0, c00);
            c01 = Vector128.MultiplyAddEstimate(a, b1, c01);
            a = Vector128.Create(a0[row]);
            c10 = Vector128.MultiplyAddEstimate(a, b0, c10);
            c11 = Vector128.MultiplyAddEstimate(a, b1, c11);
            a = Vector128.Create(a2[0]);
            c20 = Vector128.MultiplyAddEstimate(a, b0, c20);
            c21 = Vector128.MultiplyAddEstimate(a, b1, c21);
            a = Vector128.Create(a2[row]);
            c30 = Vector128.MultiplyAddEstimate(a, b0, c30);
            c31 = Vector128.MultiplyAddEstimate(a, b1, c31);
            a0 += step;
            a2 += step;
            b += bRow;
        }

        float* c = t.C;
        nint next = t.CRow;
        bool add = t.Accumulate;
        Store(c, c00, add);
        Store(c + 4, c01, add);
        c += next;
        Store(c, c10, add);
        Store(c + 4, c11, add);
        c += next;
        Store(c, c20, add);
        Store(c + 4, c21, add);
        c += next;
        Store(c, c30, add);
        Store(c + 4, c31, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4(in TileArguments t)
    {
        Vector128<float> c00 = default;
        Vector128<float> c10 = default;
        Vector128<float> c20 = default;
        Vector128<float> c30 = default;
        nint row = t.ARow, step = t.AColumn, bRow = t.BRow;
        float* a0 = t.A, a2 = a0 + 2 * row, b = t.B;
        for (int k = t.K; k > 0; k--)
        {
            Vector128<float> b0 = Vector128.Load(b);
            var a = Vector128.Create(a0[0]);
            c00 = Vector128.MultiplyAddEstimate(a, b0, c00);
            a = Vector128.Create(a0[row]);
            c10 = Vector128.MultiplyAddEstimate(a, b0, c10);
            a = Vector128.Create(a2[0]);
            c20 = Vector128.MultiplyAddEstimate(a, b0, c20);
            a = Vector128.Create(a2[row]);
            c30 = Vector128.MultiplyAddEstimate(a, b0, c30);
            a0 += step;
            a2 += step;
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
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector128<float> sum, bool add) =>
        Vector128.Store(add ? Vector128.Load(c) + sum : sum, c);
}
