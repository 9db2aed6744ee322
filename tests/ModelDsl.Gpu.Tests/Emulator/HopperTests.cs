namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>The emulated ptx_hopper.h: warpgroup products by descriptor, and incorrect uses of them.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed class HopperTests : IDisposable
{
    private readonly RawCuda _cuda = new();

    public void Dispose() => _cuda.Dispose();

    // x [64, 64], y [N, 64] (or [64, N]) -> d [64, N], K = 64. LAYOUT_A(row, k) and LAYOUT_B(column, k) give the byte of an
    // element from the operand's start at a multiple of 1024, after the swizzle: the test's own reading of the PTX ISA.
    private const string Kernel = """
        #include "ptx.h"
        #include "ptx_hopper.h"
        extern "C" __global__ void __launch_bounds__(128) k(const unsigned short* x, const unsigned short* y, float* d)
        {
            DYNAMIC_SHARED(a_tile);
            unsigned char* b_tile = a_tile + 8192;
            int thread = threadIdx.x;
            for (int i = thread; i < 64 * 64; i += 128) { int row = i / 64, k = i % 64; *(unsigned short*)(a_tile + (LAYOUT_A)) = x[row * 64 + k]; }
            for (int i = thread; i < 64 * N; i += 128) { int row = i % N, k = i / N; *(unsigned short*)(b_tile + (LAYOUT_B)) = y[k * N + row]; }
            FENCE;
            __syncthreads();
            unsigned long long a = (unsigned long long)((shared_address(a_tile) & 0x3ffff) >> 4) | DESCRIPTOR_A;
            unsigned long long b = (unsigned long long)((shared_address(b_tile) & 0x3ffff) >> 4) | DESCRIPTOR_B;
            float sum[N / 2];
            for (int i = 0; i < N / 2; i++) sum[i] = 1;
            BEGIN;
            for (int k = 0; k < 4; k++)
                PRODUCT;
            COMMIT;
            WAIT;
            wgmma_hold(sum);
            for (int i = 0; i < N / 2; i++)
            {
                int row = 16 * (thread / 32) + thread % 32 / 4 + 8 * (i / 2 % 2), column = 8 * (i / 4) + 2 * (thread % 4) + i % 2;
                d[row * N + column] = sum[i];
            }
        }
        """;

    private const string Both = "(wgmma_m64k16_bf16_ss<N, TRANSPOSED_A, TRANSPOSED_B>(sum, descriptor_advance(a, STEP_A), descriptor_advance(b, STEP_B), 1))";

    // Register A for the k-th 16 columns, straight from x.
    private const string Registers = """
        { int row = 16 * (thread / 32) + thread % 32 / 4, column = 16 * k + 2 * (thread % 4);
          for (int r = 0; r < 4; r++) {
              const unsigned short* p = x + (row + 8 * (r % 2)) * 64 + column + 8 * (r / 2);
              fragments[k][r] = p[0] | (unsigned)p[1] << 16; }
          wgmma_m64k16_bf16_rs<N, TRANSPOSED_B>(sum, fragments[k], descriptor_advance(b, STEP_B), 1); }
        """;

    private (int Result, float[] D, float[] Expected) Multiply(int n, params (string Name, string Value)[] parts)
    {
        string source = parts.Aggregate(Kernel, (text, part) => text.Replace(part.Name, part.Value, StringComparison.Ordinal));
        ushort[] a = TensorCoreTests.Whole(64 * 64, 3), b = TensorCoreTests.Whole(64 * n, 4);
        nint d = _cuda.Allocate(64 * n * 4);
        int result = _cuda.Run(_cuda.Kernel(source, "k", $"-DN={n}"), 1, 128, 8192 + 128 * n, _cuda.Upload<ushort>(a), _cuda.Upload<ushort>(b), d);
        float[] expected = [.. TensorCoreTests.Product(a, b, 64, n, 64).Select(x => x + 1)];
        return (result, result == 0 ? _cuda.Download<float>(d, 64 * n) : [], expected);
    }

    // leading and stride are (bytes >> 4) in bits 16 and 32, the swizzle in bits 62 and 63.
    private static string Descriptor(int leading, int stride, int swizzle) =>
        $"((unsigned long long){leading >> 4} << 16 | (unsigned long long){stride >> 4} << 32 | (unsigned long long){swizzle} << 62)";

    /// <summary>An operand with rows of M or N outside and K inside, and the other way round, in each swizzle.</summary>
    /// <param name="swizzle">0 none, 1 128 bytes, 2 64 bytes, 3 32 bytes.</param>
    private static (string Layout, string Descriptor, string Step) Operand(int swizzle, bool transposed, int rows)
    {
        int width = swizzle == 0 ? 16 : 128 >> (swizzle - 1), chunks = width / 16;
        // A tile of 64 of K is 128 / width panels beside one another (K inside), or `rows * 2 / width` panels (K outside).
        if (!transposed)
        {
            int group = 8 * width, panel = rows * width, steps = width / 32;
            string chunk = $"(k / 8 % {chunks} ^ {(swizzle == 0 ? "0" : $"row % 8 / {8 / chunks}")})";
            string layout = $"k / {8 * chunks} * {panel} + row / 8 * {group} + row % 8 * {width} + {chunk} * 16 + k % 8 * 2";
            string step = swizzle == 0 ? $"k * {2 * panel}" : $"k / {steps} * {panel} + k % {steps} * 32";
            return (layout, Descriptor(swizzle == 0 ? panel : 0, group, swizzle), step);
        }
        else
        {
            int group = 8 * width, panel = 8 * group; // 64 of K in a panel
            string chunk = $"(row / 8 % {chunks} ^ {(swizzle == 0 ? "0" : $"k % 8 / {8 / chunks}")})";
            string layout = $"row / {8 * chunks} * {panel} + k / 8 * {group} + k % 8 * {width} + {chunk} * 16 + row % 8 * 2";
            return (layout, swizzle == 0 ? Descriptor(group, panel, 0) : Descriptor(panel, group, swizzle), $"k * {2 * group}");
        }
    }

    public static TheoryData<int, bool, int> Layouts()
    {
        var data = new TheoryData<int, bool, int>();
        foreach (int swizzle in (int[])[0, 1, 2, 3])
            foreach (bool transposed in (bool[])[false, true])
                foreach (int n in (int[])[64, 192])
                    data.Add(swizzle, transposed, n);
        return data;
    }

    [EmulatorTheory]
    [MemberData(nameof(Layouts))]
    public void ProductsOfSharedOperandsInEveryLayout(int swizzle, bool transposed, int n)
    {
        var (layoutA, descriptorA, stepA) = Operand(swizzle, transposed, 64);
        var (layoutB, descriptorB, stepB) = Operand(swizzle, transposed, n);
        var (result, d, expected) = Multiply(n, [("PRODUCT", Both), .. Good(layoutA, descriptorA, stepA, layoutB, descriptorB, stepB, transposed)]);

        Assert.True(result == 0, CudaEmulator.LastProblem);
        Assert.Equal(expected, d);
    }

    [EmulatorFact]
    public void ProductsOfAInRegisters()
    {
        var (layout, descriptor, step) = Operand(1, true, 128);
        var (result, d, expected) = Multiply(128, [("PRODUCT", Registers), ("BEGIN", "unsigned fragments[4][4]; wgmma_fence()"), .. Good("0", "0", "0", layout, descriptor, step, true)]);

        Assert.True(result == 0, CudaEmulator.LastProblem);
        Assert.Equal(expected, d);
    }

    [EmulatorTheory]
    [InlineData("BEGIN", "", "wgmma without wgmma_fence")]
    [InlineData("COMMIT", "wgmma_commit(); sum[3] = 0", "the target of wgmma was written before its wait")]
    [InlineData("COMMIT", "wgmma_commit(); *(int*)b_tile = 0; fence_proxy_async(); __syncthreads()", "B was written between wgmma and its wait")]
    public void WrongUsesAreErrors(string part, string instead, string problem)
    {
        var (layout, descriptor, step) = Operand(1, false, 64);
        var (result, _, _) = Multiply(64, [(part, instead), ("PRODUCT", Both), .. Good(layout, descriptor, step, layout, descriptor, step, false)]);

        Assert.Equal(719, result);
        Assert.StartsWith("kernel k: " + problem, CudaEmulator.LastProblem);
    }

    [EmulatorTheory]
    [InlineData("FENCE", "")]                 // the products do not see what the threads wrote
    [InlineData("COMMIT", "")]                // nothing to wait for
    [InlineData("WAIT", "wgmma_wait<1>()")]   // the group may still be running
    public void WhatIsNotWaitedForIsNaN(string part, string instead)
    {
        var (layout, descriptor, step) = Operand(1, false, 64);
        var (result, d, _) = Multiply(64, [(part, instead), ("PRODUCT", Both), .. Good(layout, descriptor, step, layout, descriptor, step, false)]);

        Assert.Equal(0, result);
        Assert.All(d, value => Assert.Equal(float.NaN, value));
    }

    [EmulatorFact]
    public void ProducersAndConsumersMeetInSharedMemory()
    {
        // Warps 0 to 3 write ten numbers into two slots, warps 4 to 7 read them: each waits for the other.
        nint kernel = _cuda.Kernel("""
            #include "ptx.h"
            #include "ptx_hopper.h"
            extern "C" __global__ void k(int* result)
            {
                __shared__ uint64 full[2], empty[2];
                __shared__ int slots[2][128];
                if (threadIdx.x == 0) for (int i = 0; i < 2; i++) { mbarrier_init(full + i, 128); mbarrier_init(empty + i, 128); }
                __syncthreads();
                int lane = threadIdx.x % 128, sum = 0;
                for (int i = 0; i < 10; i++)
                    if (threadIdx.x < 128)
                    {
                        mbarrier_wait(empty + i % 2, i / 2 % 2 ^ 1);
                        slots[i % 2][lane] = i * 1000 + lane;
                        mbarrier_arrive(full + i % 2);
                    }
                    else
                    {
                        mbarrier_wait(full + i % 2, i / 2 % 2);
                        sum += slots[i % 2][127 - lane];
                        mbarrier_arrive(empty + i % 2);
                    }
                if (threadIdx.x < 128) named_barrier_arrive(1, 256); else named_barrier_sync(1, 256);
                if (threadIdx.x >= 128) result[lane] = sum;
            }
            """, "k");
        nint result = _cuda.Allocate(512);
        foreach (uint schedule in (uint[])[0, 1, 5])
        {
            CudaEmulator.SetSchedule(schedule);
            Assert.Equal(0, _cuda.Run(kernel, 1, 256, 0, result));
            Assert.Equal(Enumerable.Range(0, 128).Select(lane => 45000 + 10 * (127 - lane)), _cuda.Download<int>(result, 128));
        }
    }

    private static (string, string)[] Good(string layoutA, string descriptorA, string stepA, string layoutB, string descriptorB, string stepB, bool transposed) =>
    [
        ("TRANSPOSED_A", transposed ? "1" : "0"), ("TRANSPOSED_B", transposed ? "1" : "0"), ("LAYOUT_A", layoutA), ("LAYOUT_B", layoutB),
        ("DESCRIPTOR_A", descriptorA), ("DESCRIPTOR_B", descriptorB), ("STEP_A", stepA), ("STEP_B", stepB),
        ("FENCE", "fence_proxy_async()"), ("BEGIN", "wgmma_fence()"), ("COMMIT", "wgmma_commit()"), ("WAIT", "wgmma_wait<0>()"),
    ];
}
