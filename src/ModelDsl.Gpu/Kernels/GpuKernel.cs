namespace ModelDsl.Gpu;

/// <summary>The resources that the compiler assigned to a kernel; 0 if the driver does not report them.</summary>
public readonly record struct KernelResources(int Registers, int LocalMemory, int SpillBytes, int MaxGroupSize);

/// <summary>One kernel of a compiled source.</summary>
public abstract class GpuKernel(KernelSignature signature)
{
    public KernelSignature Signature { get; } = signature;

    public abstract KernelResources Resources { get; }

    /// <summary>Queues the kernel. Allocates nothing.</summary>
    /// <exception cref="ArgumentException">The arguments do not match the kernel's signature, or the grid is empty or too large for the device.</exception>
    public void Launch(GpuStream stream, in KernelGrid grid, params ReadOnlySpan<KernelArgument> arguments)
    {
        Signature.Check(arguments);
        Enqueue(stream, grid, arguments);
    }

    private protected abstract void Enqueue(GpuStream stream, in KernelGrid grid, ReadOnlySpan<KernelArgument> arguments);
}
