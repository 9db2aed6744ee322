namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>The emulated built-ins: warp functions, atomics, errors by name.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed class BuiltInTests : IDisposable
{
    private readonly RawCuda _cuda = new();

    public void Dispose() => _cuda.Dispose();

    [EmulatorTheory]
    [InlineData("__shfl_sync(0xffffffffu, lane, 5)", new[] { 5, 5, 5, 5 })]
    [InlineData("__shfl_sync(0xffffffffu, lane, 1, 8)", new[] { 1, 1, 9, 25 })]
    [InlineData("__shfl_xor_sync(0xffffffffu, lane, 3)", new[] { 3, 2, 11, 28 })]
    [InlineData("__shfl_down_sync(0xffffffffu, lane, 4)", new[] { 4, 5, 12, 31 })]
    [InlineData("__shfl_up_sync(0xffffffffu, lane, 2)", new[] { 0, 1, 6, 29 })]
    [InlineData("(int)__ballot_sync(0xffffffffu, lane % 8 == 0)", new[] { 0x01010101, 0x01010101, 0x01010101, 0x01010101 })]
    [InlineData("__any_sync(0xffffffffu, lane == 40) * 2 + __all_sync(0xffffffffu, lane < 32)", new[] { 1, 1, 1, 1 })]
    public void LanesExchange(string expression, int[] atLanes0And1And8And31)
    {
        nint kernel = _cuda.Kernel("extern \"C\" __global__ void k(int* result) { int lane = threadIdx.x % 32; result[threadIdx.x] = " + expression + "; }", "k");
        nint result = _cuda.Allocate(64 * 4);

        Assert.Equal(0, _cuda.Run(kernel, 1, 64, 0, result));

        int[] all = _cuda.Download<int>(result, 64);
        Assert.Equal<int[]>(atLanes0And1And8And31, [all[0], all[1], all[8], all[31]]);
        Assert.Equal<int[]>(all[..32], all[32..]);
    }

    [EmulatorFact]
    public void AtomicsCountEveryThreadOfEveryBlock()
    {
        nint kernel = _cuda.Kernel("extern \"C\" __global__ void k(int* n, float* x) { atomicAdd(n, 1); atomicAdd(x, 0.5f); }", "k");
        nint n = _cuda.Upload<int>([0]), x = _cuda.Upload<float>([0]);

        Assert.Equal(0, _cuda.Run(kernel, 10, 100, 0, n, x));

        Assert.Equal(1000, _cuda.Download<int>(n, 1)[0]);
        Assert.Equal(500f, _cuda.Download<float>(x, 1)[0]);
    }

    [EmulatorFact]
    public void LanesThatMeetInDifferentFunctionsAreAnError()
    {
        nint kernel = _cuda.Kernel("""
            extern "C" __global__ void split(int* x)
            {
                if (threadIdx.x < 16) x[0] = __shfl_sync(0xffffffffu, 1, 0);
                else __syncwarp();
            }
            """, "split");

        Assert.Equal(719, _cuda.Run(kernel, 1, 32, 0, _cuda.Allocate(4)));
        Assert.StartsWith("kernel split: lanes of one warp meet in __shfl_sync and in __syncwarp", CudaEmulator.LastProblem);
    }

    [EmulatorFact]
    public void TheRealDialectCompilesAndReducesOverAGroup()
    {
        string dialect = KernelSource.OwnText("dialect.h");
        nint kernel = _cuda.Kernel(dialect + """
            KERNEL_BOUNDS(sums, 1024)(GLOBAL const real* x, GLOBAL float* result)
            {
                SHARED float scratch[1024];
                float sum = GROUP_SUM(LOAD_REAL(x, ELEMENT), scratch), largest = GROUP_MAX(LOAD_REAL(x, ELEMENT), scratch);
                if (LOCAL_ID(0) == GROUP_SIZE(0) - 1) { result[2 * ROW] = sum; result[2 * ROW + 1] = largest; }
            }
            """, "sums", "-DREAL_BF16");
        // 1, 2, .., 200 are exact in bf16.
        nint x = _cuda.Upload<ushort>([.. Enumerable.Range(1, 200).Select(i => (ushort)(BitConverter.SingleToUInt32Bits(i) >> 16))]);
        nint result = _cuda.Allocate(16);

        Assert.Equal(0, _cuda.Run(kernel, 2, 100, 0, x, result));

        Assert.Equal([5050f, 100, 15050, 200], _cuda.Download<float>(result, 4));
    }
}
