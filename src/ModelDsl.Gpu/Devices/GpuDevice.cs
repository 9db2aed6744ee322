using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// A GPU, through CUDA or OpenCL: memory, streams, kernels from source, and a matrix product. Attention and the row
/// kernels stand in classes of their own, written once in the kernel dialect, and run on any device.
/// </summary>
/// <remarks>Compiled models do not run on it yet: that takes a <see cref="Device"/>, whose kernels are C# (docs/adr/0013).</remarks>
public abstract unsafe class GpuDevice : IDisposable
{
    /// <summary>Opens a device by the name that <c>Device.List()</c> gives it: "cuda:0", "opencl:1"; "cuda" is "cuda:0".</summary>
    /// <exception cref="ArgumentException">That is not a GPU's name.</exception>
    /// <exception cref="Runtime.Native.NativeLibraryException">Its driver is missing or too old.</exception>
    /// <exception cref="GpuException">There is no such device, or it cannot be used.</exception>
    public static GpuDevice Open(string id) => DeviceName.Parse(id) switch
    {
        ("cuda", var index) => Cuda.CudaDevice.Open(index),
        ("opencl", var index) => OpenCl.OpenClDevice.Open(index),
        _ => throw new ArgumentException($"'{id}' is not a GPU. GPUs are called cuda:0, cuda:1, opencl:0 and so on; Device.List() and `modeldsl devices` name those here.", nameof(id)),
    };

    /// <summary>How <c>modeldsl devices</c> and <c>GpuDevice.Open</c> call it: "cuda:0", "opencl:0".</summary>
    public abstract string Id { get; }

    /// <summary>The name that the driver gives.</summary>
    public abstract string Name { get; }

    /// <summary>CUDA's compute capability, 90 for 9.0; 0 on other devices.</summary>
    public abstract int ComputeCapability { get; }

    /// <summary>
    /// Whether sources with Hopper's own instructions (<see cref="KernelSource.IsHopper"/>) compile and run here: compute
    /// capability 9.0 exactly, and NVRTC 12 or later, which knows sm_90a.
    /// </summary>
    public virtual bool TakesHopperKernels => false;

    public abstract int Multiprocessors { get; }

    public abstract long TotalMemory { get; }

    /// <summary>The most threads of one group.</summary>
    public abstract int MaxGroupSize { get; }

    /// <summary>Bytes of on-chip memory that one group can have.</summary>
    public abstract long MaxLocalMemory { get; }

    /// <summary>The stream that <see cref="DeviceMemory.Write"/> and <see cref="DeviceMemory.Read"/> use.</summary>
    public abstract GpuStream DefaultStream { get; }

    /// <summary>Zeroed memory, aligned to 256 bytes at least, from a pool that keeps what is disposed for the next of its size.</summary>
    /// <param name="purpose">What it will hold, for the report when memory runs out.</param>
    /// <exception cref="InsufficientDeviceMemoryException">Says what was asked, what is free, and who holds the rest.</exception>
    public abstract GpuMemory Allocate(long bytes, string purpose = "unnamed");

    /// <summary>Host memory for copies that run beside other work.</summary>
    public abstract PinnedMemory AllocatePinned(long bytes);

    public abstract GpuStream CreateStream();

    public abstract GpuEvent CreateEvent();

    /// <summary>Compiles a source for this device, or takes it from the cache in memory or on disk.</summary>
    /// <exception cref="KernelCompilationException">The source does not compile; the message names its line.</exception>
    public abstract GpuModule Compile(KernelSource source);

    /// <summary>D = epilogue(scale A B + beta C), see <see cref="MatMulArguments"/>.</summary>
    public abstract void MatMul(GpuStream stream, in MatMulArguments arguments);

    public abstract void Dispose();
}
