namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>The emulated driver: kernels run, and mistakes that a device would punish are errors.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed unsafe class DriverTests : IDisposable
{
    private readonly RawCuda _cuda = new();

    public void Dispose() => _cuda.Dispose();

    [EmulatorFact]
    public void KernelsRunOverTheWholeGrid()
    {
        nint kernel = _cuda.Kernel("""
            extern "C" __global__ void __launch_bounds__(256) fill(int* x, long long n)
            {
                long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) x[i] = OFFSET + (int)i;
            }
            """, "fill", "-DOFFSET=100");
        nint x = _cuda.Upload<int>(new int[1000]);

        Assert.Equal(0, _cuda.Run(kernel, 4, 256, 0, x, 999));

        Assert.Equal([.. Enumerable.Range(100, 999), 0], _cuda.Download<int>(x, 1000));
        Assert.Equal(701, _cuda.Run(kernel, 1, 512, 0, x, 999)); // more than the launch bounds
        Assert.Equal(1, _cuda.Run(kernel, 1, 2048, 0, x, 999));
    }

    [EmulatorTheory]
    [InlineData(0), InlineData(1), InlineData(7)]
    public void ThreadsMeetAtBarriersInAnyOrder(int schedule)
    {
        // Each thread passes its number to the next in a ring, as often as there are threads: every number returns.
        nint kernel = _cuda.Kernel("""
            extern "C" __global__ void ring(int* result)
            {
                __shared__ int slots[320];
                int value = threadIdx.x, n = blockDim.x;
                for (int i = 0; i < n; i++)
                {
                    slots[(threadIdx.x + 1) % n] = value;
                    __syncthreads();
                    value = slots[threadIdx.x];
                    __syncthreads();
                }
                result[threadIdx.x] = value;
            }
            """, "ring");
        CudaEmulator.SetSchedule((uint)schedule);
        nint result = _cuda.Allocate(320 * 4);

        Assert.Equal(0, _cuda.Run(kernel, 2, 320, 0, result));

        Assert.Equal(Enumerable.Range(0, 320), _cuda.Download<int>(result, 320));
    }

    [EmulatorFact]
    public void AMissingBarrierShowsInOneOfTheOrders()
    {
        nint kernel = _cuda.Kernel("""
            extern "C" __global__ void neighbour(float* result)
            {
                __shared__ float slots[64];
                slots[threadIdx.x] = threadIdx.x;
                result[threadIdx.x] = slots[(threadIdx.x + 1) % 64];
            }
            """, "neighbour");
        nint result = _cuda.Allocate(64 * 4);

        Assert.Equal(0, _cuda.Run(kernel, 1, 64, 0, result));

        Assert.Equal(float.NaN, _cuda.Download<float>(result, 64)[0]); // on-chip memory is initially NaN
    }

    [EmulatorFact]
    public void ABarrierThatSomeNeverReachIsADeadlockWithTheKernelsName()
    {
        nint kernel = _cuda.Kernel("""
            extern "C" __global__ void early(int n)
            {
                if (threadIdx.x >= n) return;
                __syncthreads();
            }
            """, "early");

        Assert.Equal(702, _cuda.Run(kernel, 1, 64, 0, 40));

        Assert.Equal("kernel early: deadlock: 40 of 64 threads wait and 24 have left; thread (0, 0, 0) of block (0, 0, 0) waits at barrier 0", CudaEmulator.LastProblem);
        Assert.Equal(702, _cuda.Synchronize()); // and stays
    }

    [EmulatorFact]
    public void ALoopWithoutEndIsEnded()
    {
        nint kernel = _cuda.Kernel("extern \"C\" __global__ void forever(volatile int* x) { while (!*x) ; }", "forever");
        CudaEmulator.SetTimeLimit(0.1);

        Assert.Equal(702, _cuda.Run(kernel, 1, 32, 0, _cuda.Upload<int>([0])));

        Assert.Equal("kernel forever: still runs after 0.1 s, thread (0, 0, 0) of block (0, 0, 0)", CudaEmulator.LastProblem);
    }

    [EmulatorTheory]
    [InlineData("x[64 * 1024] = 1")] // the guard page after the memory
    [InlineData("*(int*)8 = 1")]
    public void AWildStoreBreaksTheContext(string statement)
    {
        nint kernel = _cuda.Kernel("extern \"C\" __global__ void wild(int* x) { " + statement + "; }", "wild");
        nint x = _cuda.Allocate(256 * 1024);

        Assert.Equal(0, _cuda.Launch(kernel, 1, 1, 0, x)); // detected later, as on a device

        Assert.Equal(700, _cuda.Synchronize());
        Assert.StartsWith("kernel wild: access to 0x", CudaEmulator.LastProblem);
        Assert.Throws<NullReferenceException>(() => ((string)null!).Length); // .NET still gets its own signals
    }

    [EmulatorFact]
    public void FreedMemoryIsNoLongerThere()
    {
        nint kernel = _cuda.Kernel("extern \"C\" __global__ void read(int** x, int* y) { *y = **x; }", "read");
        nint x = _cuda.Allocate(256), y = _cuda.Allocate(256), holder = _cuda.Upload<nint>([x]);
        Assert.Equal(0, _cuda.Run(kernel, 1, 1, 0, holder, y));
        Assert.Equal(0, ((delegate* unmanaged<nint, int>)_cuda.Driver("cuMemFree_v2"))(x));

        Assert.Equal(700, _cuda.Run(kernel, 1, 1, 0, holder, y));
    }

    [EmulatorFact]
    public void ErrorsOfTheCompilerNameTheSourcesLine()
    {
        var (result, log, _) = _cuda.Compile("// one\nextern \"C\" __global__ void k(int* x)\n{\n    x[0] = nonsense;\n}\n", "bad.cu");

        Assert.Equal(6, result);
        Assert.Contains("bad.cu(4): error: 'nonsense' was not declared", log);
    }

    [EmulatorFact]
    public void MemoryEndsAndHandlesAreCounted()
    {
        CudaEmulator.Fail("cuMemAlloc_v2", 2, calls: 1);
        nint address;
        var allocate = (delegate* unmanaged<nint*, nint, int>)_cuda.Driver("cuMemAlloc_v2");

        Assert.Equal(0, allocate(&address, 256));
        Assert.Equal(2, allocate(&address, 256)); // asked for
        Assert.Equal(0, allocate(&address, 256));
        Assert.Equal(2, allocate(&address, 1 << 30));
        Assert.Equal(2, CudaEmulator.LiveHandles("memory"));
        Assert.Equal(4, CudaEmulator.Calls("cuMemAlloc_v2"));
    }
}
