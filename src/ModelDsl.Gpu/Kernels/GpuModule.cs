namespace ModelDsl.Gpu;

/// <summary>A compiled source, owned by the device that compiled it.</summary>
public abstract class GpuModule
{
    public abstract KernelSource Source { get; }

    /// <summary>A kernel by its name in the source.</summary>
    /// <exception cref="ArgumentException">The source has no such kernel; the message lists its kernels.</exception>
    public abstract GpuKernel this[string kernel] { get; }
}
