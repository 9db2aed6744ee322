using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Tests.Emulator;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>Products of a CUDA device on the emulated cuBLASLt: what is cached between calls, and the errors of failing calls.</summary>
public sealed class BlasLtDeviceTests : EmulatedDevice
{
    [EmulatorFact]
    public void TheHeuristicsAreAskedOnceForEachKindOfProduct()
    {
        using var products = new BlasLtMatMul(Device.Libraries.BlasLt, Device);
        nint stream = ((CudaStream)Device.DefaultStream).Handle;
        using GpuMemory memory = Device.Allocate(1 << 16);
        MatMulArguments first = Product(memory);
        products.MatMul(stream, first);
        products.MatMul(stream, first with { A = first.A with { Data = first.A.Data + 1024 }, Alpha = 2, Beta = 1 });
        Assert.Equal(1, products.PlanCount);
        products.MatMul(stream, first with { M = 7 });
        products.MatMul(stream, first with { A = first.A with { Data = first.A.Data + 4 } }); // a smaller alignment
        Assert.Equal(3, products.PlanCount);
        products.MatMul(stream, first with { M = 0 });
        Assert.Equal(3, products.PlanCount);
    }

    [EmulatorFact]
    public void LaterCallsAllocateNothing()
    {
        using GpuMemory memory = Device.Allocate(1 << 16);
        MatMulArguments product = Product(memory) with { Epilogue = MatMulEpilogue.GeluBias, Bias = memory };
        for (int i = 0; i < 3; i++)
            Device.MatMul(Device.DefaultStream, product);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Device.MatMul(Device.DefaultStream, product);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [EmulatorFact]
    public void TwoStreamsShareNoWorkspace()
    {
        using CudaDevice device = Open(memoryBytes: 256L << 20); // each workspace is 32 MB
        using GpuMemory own = device.Allocate(1 << 16);
        using GpuStream second = device.CreateStream();
        device.MatMul(device.DefaultStream, Product(own));
        long one = CudaEmulator.LiveHandles("memory");
        device.MatMul(device.DefaultStream, Product(own));
        Assert.Equal(one, CudaEmulator.LiveHandles("memory"));
        device.MatMul(second, Product(own));
        Assert.Equal(one + 1, CudaEmulator.LiveHandles("memory"));
    }

    [EmulatorFact]
    public void ACapturedProductIsReplayed()
    {
        using GpuMemory memory = Device.Allocate(1 << 16);
        using CudaStream stream = Device.CreateStream();
        MatMulArguments product = Product(memory);
        memory.Write(0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(Enumerable.Repeat(1f, 4096).ToArray().AsSpan()));
        Device.MatMul(stream, product);
        using CudaGraph graph = stream.Capture(() => Device.MatMul(stream, product));
        stream.Fill(product.D.Data, 0, 4);
        graph.Launch(stream);
        stream.Synchronize();
        float[] result = new float[1];
        stream.Download<float>(result, product.D.Data);
        Assert.Equal([16f], result);
    }

    [EmulatorFact]
    public void AFailingCallNamesItselfTheDeviceAndTheShape()
    {
        using GpuMemory memory = Device.Allocate(1 << 16);
        MatMulArguments product = Product(memory);
        using var plan = new BlasLtPlan(Device.Libraries.BlasLt, Device, product);
        string message = Assert.Throws<GpuException>(() => plan.Choose(0, product, 0)).Message;
        Assert.StartsWith("cublasLtMatmulAlgoGetHeuristic on cuda:0 (Emulated GPU): CUBLAS_STATUS_", message);
        Assert.Contains("[8, 16] F32 x [16, 8] F32 -> F32, None; cuBLASLt ", message);
    }

    // A, B and D of fp32 one after the other in one block.
    private static MatMulArguments Product(GpuMemory memory) => new()
    {
        M = 8, N = 8, K = 16, A = new(memory, TensorType.F32, 16), B = new(memory.Address + 8192, TensorType.F32, 8),
        D = new(memory.Address + 16384, TensorType.F32, 8),
    };
}
