using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Copies blocks of the operands to where a register tile reads them in order. A panel of B is [k, width], columns
/// beyond the matrix zero; a panel of a transposed A is [k, rows], rows beyond the matrix zero.
/// </summary>
internal static unsafe class GemmPacking
{
    /// <summary>panel[p, j] = source[p * stride + j] for j &lt; columns, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* source, nint stride, int k, int columns, float* panel, int width)
    {
        if (columns == width && width % 16 == 0)
        {
            for (int p = 0; p < k; p++, source += stride, panel += width)
                for (int j = 0; j < width; j += 16)
                    Vector512.Store(Vector512.Load(source + j), panel + j);
        }
        else
        {
            for (int p = 0; p < k; p++, source += stride, panel += width)
                CopyRow(source, columns, panel, width);
        }
    }

    /// <summary>panel[p, j] = source[j * stride + p] for j &lt; columns, else 0; by 4x4 transposes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose128(float* source, nint stride, int columns, int k, float* panel, int width)
    {
        int j = 0;
        for (; j + 4 <= columns; j += 4)
        {
            float* s0 = source + j * stride, s1 = s0 + stride, s2 = s1 + stride, s3 = s2 + stride;
            float* to = panel + j;
            int p = 0;
            for (; p + 4 <= k; p += 4, to += 4 * width)
            {
                var r0 = Vector128.Load(s0 + p);
                var r1 = Vector128.Load(s1 + p);
                var r2 = Vector128.Load(s2 + p);
                var r3 = Vector128.Load(s3 + p);
                Vector128.Store(Vector128.Create(r0[0], r1[0], r2[0], r3[0]), to);
                Vector128.Store(Vector128.Create(r0[1], r1[1], r2[1], r3[1]), to + width);
                Vector128.Store(Vector128.Create(r0[2], r1[2], r2[2], r3[2]), to + 2 * width);
                Vector128.Store(Vector128.Create(r0[3], r1[3], r2[3], r3[3]), to + 3 * width);
            }
            for (; p < k; p++, to += width)
            {
                to[0] = s0[p];
                to[1] = s1[p];
                to[2] = s2[p];
                to[3] = s3[p];
            }
        }
        TransposeRest(source, stride, j, columns, k, panel, width);
    }

    /// <summary>As <see cref="Transpose128"/>, by 16x16 transposes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose512(float* source, nint stride, int columns, int k, float* panel, int width)
    {
        int j = 0;
        for (; j + 16 <= columns; j += 16)
        {
            int p = 0;
            for (; p + 16 <= k; p += 16)
                Transpose16(source + j * stride + p, stride, panel + p * width + j, width);
            for (; p < k; p++)
                for (int i = j; i < j + 16; i++)
                    panel[p * width + i] = source[i * stride + p];
        }
        TransposeRest(source, stride, j, columns, k, panel, width);
    }

    /// <summary>
    /// Several panels side by side, whole rows of the source at a time: panels[j / width][p, j % width] =
    /// source[p * stride + j], each <paramref name="panelStride"/> floats after the one before, the last one filled up
    /// with zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyPanels(
        float* source, nint stride, int k, int columns, float* panels, int width, nint panelStride)
    {
        const int rowsAhead = 8;
        for (int p = 0; p < k; p++, source += stride, panels += width)
        {
            float* to = panels, ahead = source + rowsAhead * stride;
            for (int j = 0; j < columns; j += width, to += panelStride)
            {
                if (Sse.IsSupported)
                    Sse.Prefetch0(ahead + j);
                if (width == 8 && columns - j >= 8)
                    Vector256.Store(Vector256.Load(source + j), to);
                else
                    CopyRow(source + j, Math.Min(width, columns - j), to, width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeRest(
        float* source, nint stride, int begin, int columns, int k, float* panel, int width)
    {
        for (int p = 0; p < k && begin < width; p++)
        {
            for (int j = begin; j < columns; j++)
                panel[p * width + j] = source[j * stride + p];
            for (int j = Math.Max(begin, columns); j < width; j++)
                panel[p * width + j] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(float* source, int columns, float* to, int width)
    {
        int j = 0;
        for (; j + 4 <= columns; j += 4)
            Vector128.Store(Vector128.Load(source + j), to + j);
        for (; j < columns; j++)
            to[j] = source[j];
        for (; j < width; j++)
            to[j] = 0;
    }

    /// <summary>
    /// to[q, r] = from[r, q]: quarters of four rows are gathered into one vector on loading, which leaves two of the
    /// four shuffle stages of a 16x16 transpose.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose16(float* from, nint stride, float* to, int width)
    {
        for (int quarter = 0; quarter < 4; quarter++, from += 4, to += 4 * width)
        {
            // xR holds, in lane L, the four values of row 4 L + R.
            var x0 = Gather4(from, stride);
            var x1 = Gather4(from + stride, stride);
            var x2 = Gather4(from + 2 * stride, stride);
            var x3 = Gather4(from + 3 * stride, stride);
            var y0 = Avx512F.UnpackLow(x0, x1).AsDouble();
            var y1 = Avx512F.UnpackHigh(x0, x1).AsDouble();
            var y2 = Avx512F.UnpackLow(x2, x3).AsDouble();
            var y3 = Avx512F.UnpackHigh(x2, x3).AsDouble();
            Avx512F.Store(to, Avx512F.UnpackLow(y0, y2).AsSingle());
            Avx512F.Store(to + width, Avx512F.UnpackHigh(y0, y2).AsSingle());
            Avx512F.Store(to + 2 * width, Avx512F.UnpackLow(y1, y3).AsSingle());
            Avx512F.Store(to + 3 * width, Avx512F.UnpackHigh(y1, y3).AsSingle());
        }
    }

    /// <summary>Four values of rows 0, 4, 8 and 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather4(float* from, nint stride)
    {
        var v = Vector128.Load(from).ToVector256Unsafe().ToVector512Unsafe();
        v = Avx512F.InsertVector128(v, Vector128.Load(from + 4 * stride), 1);
        v = Avx512F.InsertVector128(v, Vector128.Load(from + 8 * stride), 2);
        return Avx512F.InsertVector128(v, Vector128.Load(from + 12 * stride), 3);
    }
}
