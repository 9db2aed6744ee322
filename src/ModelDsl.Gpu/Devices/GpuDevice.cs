using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// A GPU, through CUDA or OpenCL: memory, streams, kernels from source, and a matrix product. Attention and the row
/// kernels are separate classes, written once in the kernel dialect, and run on any device.
/// </summary>
/// <remarks>Compiled models do not run on it yet: they need a <see cref="Device"/>, whose kernels are C# (docs/adr/0013).</remarks>
public abstract unsafe class GpuDevice : IDisposable
{
    /// <summary>Opens a device by its name in <c>Device.List()</c>: "cuda:0", "opencl:1"; "cuda" is "cuda:0".</summary>
    /// <exception cref="ArgumentException">The id is not a GPU's name.</exception>
    /// <exception cref="Runtime.Native.NativeLibraryException">Its driver is missing or too old.</exception>
    /// <exception cref="GpuException">There is no such device, or it cannot be used.</exception>
    public static GpuDevice Open(string id) => DeviceName.Parse(id) switch
    {
        ("cuda", var index) => Cuda.CudaDevice.Open(index),
        ("opencl", var index) => OpenCl.OpenClDevice.Open(index),
        _ => throw new ArgumentException($"'{id}' is not a GPU. GPUs are called cuda:0, cuda:1, opencl:0 and so on; Device.List() and `modeldsl devices` name those here.", nameof(id)),
    };

    /// <summary>Its name in <c>modeldsl devices</c> and <c>GpuDevice.Open</c>: "cuda:0", "opencl:0".</summary>
    public abstract string Id { get; }

    /// <summary>The name that the driver reports.</summary>
    public abstract string Name { get; }

    /// <summary>CUDA's compute capability, 90 for 9.0; 0 on other devices.</summary>
    public abstract int ComputeCapability { get; }

    /// <summary>
    /// Whether sources with Hopper's own instructions (<see cref="KernelSource.IsHopper"/>) compile and run on it: compute
    /// capability 9.0 exactly, and NVRTC 12 or later, which supports sm_90a.
    /// </summary>
    public virtual bool TakesHopperKernels => false;

    public abstract int Multiprocessors { get; }

    public abstract long TotalMemory { get; }

    /// <summary>The largest number of threads in a group.</summary>
    public abstract int MaxGroupSize { get; }

    /// <summary>The largest on-chip memory of a group, in bytes.</summary>
    public abstract long MaxLocalMemory { get; }

    /// <summary>The stream that <see cref="DeviceMemory.Write"/> and <see cref="DeviceMemory.Read"/> use.</summary>
    public abstract GpuStream DefaultStream { get; }

    /// <summary>Allocates zeroed memory, aligned to at least 256 bytes, from a pool that keeps disposed blocks for requests of their size.</summary>
    /// <param name="purpose">What it will hold, for the report when memory runs out.</param>
    /// <exception cref="InsufficientDeviceMemoryException">Says how much was requested, how much is free, and what uses the rest.</exception>
    public abstract GpuMemory Allocate(long bytes, string purpose = "unnamed");

    /// <summary>Allocates host memory for asynchronous copies.</summary>
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
