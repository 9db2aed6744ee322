using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>A block of a GPU's memory. Its owner disposes it; the block then returns to the device's pool.</summary>
public abstract unsafe class GpuMemory : DeviceMemory
{
    /// <summary>What it is used for, for the report when memory runs out: "weights", "scratch".</summary>
    public abstract string Purpose { get; }

    public GpuPointer Address => new((nuint)Pointer);

    public static implicit operator GpuPointer(GpuMemory memory) => memory.Address;
}
