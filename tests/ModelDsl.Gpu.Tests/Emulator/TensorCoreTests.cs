namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>The emulated ptx.h: fragments of mma as the PTX ISA lays them out, ldmatrix that loads them, copies that complete late.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed class TensorCoreTests : IDisposable
{
    private readonly RawCuda _cuda = new(80);

    public void Dispose() => _cuda.Dispose();

    /// <summary>Whole numbers from -4 to 4: products and their sums are exact in fp32.</summary>
    public static ushort[] Whole(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (ushort)(BitConverter.SingleToUInt32Bits(random.Next(-4, 5)) >> 16))];
    }

    public static float Value(ushort bf16) => BitConverter.UInt32BitsToSingle((uint)bf16 << 16);

    /// <summary>a [m, k] b [k, n].</summary>
    public static float[] Product(ushort[] a, ushort[] b, int m, int n, int k)
    {
        var d = new float[m * n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
                for (int l = 0; l < k; l++)
                    d[i * n + j] += Value(a[i * k + l]) * Value(b[l * n + j]);
        return d;
    }

    private const string Store = """
            d[g * 8 + 2 * t] += sum[0]; d[g * 8 + 2 * t + 1] += sum[1];
            d[(g + 8) * 8 + 2 * t] += sum[2]; d[(g + 8) * 8 + 2 * t + 1] += sum[3];
        """;

    [EmulatorTheory]
    // Fragments gathered by hand as the PTX ISA, "Matrix Fragments for mma.m16n8k16", says.
    [InlineData("""
        auto pair = [](unsigned low, unsigned high) { return low | high << 16; };
        uint a[4] = {
            pair(x[g * 16 + 2 * t], x[g * 16 + 2 * t + 1]), pair(x[(g + 8) * 16 + 2 * t], x[(g + 8) * 16 + 2 * t + 1]),
            pair(x[g * 16 + 2 * t + 8], x[g * 16 + 2 * t + 9]), pair(x[(g + 8) * 16 + 2 * t + 8], x[(g + 8) * 16 + 2 * t + 9]) };
        uint b[2] = { pair(y[2 * t * 8 + g], y[(2 * t + 1) * 8 + g]), pair(y[(2 * t + 8) * 8 + g], y[(2 * t + 9) * 8 + g]) };
        """)]
    // The same through shared memory: A row by row, B by rows of K and transposed.
    [InlineData("""
        __shared__ __align__(16) unsigned short xs[256], ys[128];
        for (int i = 0; i < 8; i++) xs[lane * 8 + i] = x[lane * 8 + i];
        if (lane < 16) cp_async_16(ys + lane * 8, y + lane * 8);
        cp_async_commit(); cp_async_wait<0>(); __syncwarp();
        uint a[4], b[2];
        ldmatrix_x4(a, xs + lane % 16 * 16 + lane / 16 * 8);
        ldmatrix_x2_trans(b, ys + lane % 16 * 8);
        """)]
    public void MmaIsTheMatrixProduct(string fragments)
    {
        ushort[] a = Whole(256, 1), b = Whole(128, 2);
        nint kernel = _cuda.Kernel("#include \"ptx.h\"\nextern \"C\" __global__ void k(const unsigned short* x, const unsigned short* y, float* d) {"
            + " int lane = threadIdx.x, g = lane / 4, t = lane % 4; float sum[4] = { 1, 1, 1, 1 };\n" + fragments
            + "mma_m16n8k16_bf16(sum, a, b[0], b[1]);" + Store + "}", "k");
        nint d = _cuda.Upload<float>(new float[128]);

        Assert.Equal(0, _cuda.Run(kernel, 1, 32, 0, _cuda.Upload<ushort>(a), _cuda.Upload<ushort>(b), d));

        Assert.Equal(Product(a, b, 16, 8, 16).Select(x => x + 1), _cuda.Download<float>(d, 128));
    }

    [EmulatorTheory]
    [InlineData("cp_async_commit(); cp_async_wait<0>();", 7f, 0f)]
    [InlineData("cp_async_commit(); cp_async_wait<1>();", float.NaN, float.NaN)] // the only group may still be running
    [InlineData("cp_async_wait<0>();", float.NaN, float.NaN)]                    // of no group yet
    public void CopiesArriveWithTheWait(string wait, float copied, float zeros)
    {
        nint kernel = _cuda.Kernel("#include \"ptx.h\"\nextern \"C\" __global__ void k(const float* x, float* y) { DYNAMIC_SHARED(bytes); float* s = (float*)bytes;"
            + "for (int i = 0; i < 8; i++) s[i] = 1; cp_async_16(s, x); cp_async_16_zero(s + 4, nullptr, false);" + wait + "y[0] = s[3]; y[1] = s[7]; }", "k");
        nint x = _cuda.Upload<float>([7, 7, 7, 7]), y = _cuda.Allocate(8);

        Assert.Equal(0, _cuda.Run(kernel, 1, 1, 64, x, y));

        Assert.Equal([copied, zeros], _cuda.Download<float>(y, 2));
    }

    [EmulatorTheory]
    [InlineData("cp_async_16(s + 8, x)", 716, "cp.async with an address that is no multiple of its size")]
    [InlineData("cp_async_16((void*)x, x)", 717, "an instruction on shared memory with an address elsewhere")]
    [InlineData("s[1024] = 0", 700, "access to 0x")] // the launch's dynamic memory ends there
    public void WrongAddressesAreErrors(string statement, int result, string problem)
    {
        nint kernel = _cuda.Kernel("#include \"ptx.h\"\nextern \"C\" __global__ void k(const float* x) { DYNAMIC_SHARED(s); " + statement + "; }", "k");

        Assert.Equal(result, _cuda.Run(kernel, 1, 1, 1024, _cuda.Allocate(64)));
        Assert.StartsWith("kernel k: " + problem, CudaEmulator.LastProblem);
    }

    [EmulatorFact]
    public void RoundingAndApproximationsAreTheInstructions()
    {
        nint kernel = _cuda.Kernel("""
            #include "ptx.h"
            extern "C" __global__ void k(unsigned* x)
            {
                x[0] = pack_bf16(1.00390625f, -3.0f);                        // a tie: to even
                x[1] = pack_bf16(1.01171875f, __uint_as_float(0x7f800001u)); // the other tie; NaN
                x[2] = __float_as_uint(exp2_fast(-3));
                x[3] = __float_as_uint(exp2_fast(-__uint_as_float(0x7f800000u)));
                x[4] = __float_as_uint(exp2_fast(-130));                     // a subnormal result
                x[5] = __float_as_uint(reciprocal_fast(8));
            }
            """, "k");
        nint x = _cuda.Allocate(24);

        Assert.Equal(0, _cuda.Run(kernel, 1, 1, 0, x));

        Assert.Equal([0xc0403f80u, 0x7fff3f82u, 0x3e000000u, 0, 0, 0x3e000000u], _cuda.Download<uint>(x, 6));
    }
}
