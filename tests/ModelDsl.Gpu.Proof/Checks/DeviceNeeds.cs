namespace ModelDsl.Gpu.Proof;

/// <summary>The devices that a check or a measurement runs on.</summary>
/// <param name="Cuda">NVIDIA's alone.</param>
/// <param name="MinimumCapability">CUDA's compute capability, 80 for 8.0; 0 is any.</param>
/// <param name="MaximumCapability">For instructions of one architecture alone (<c>wgmma</c>: 90 and no other); 0 is any.</param>
public readonly record struct DeviceNeeds(bool Cuda = false, int MinimumCapability = 0, int MaximumCapability = 0)
{
    /// <summary>Any device: a portable kernel.</summary>
    public static DeviceNeeds Any => default;

    /// <summary>A CUDA device of at least this capability.</summary>
    public static DeviceNeeds CudaFrom(int capability) => new(true, capability);

    /// <summary>A CUDA device of exactly this capability.</summary>
    public static DeviceNeeds CudaOnly(int capability) => new(true, capability, capability);

    /// <summary>Why a device does not do; null where it does.</summary>
    public string? Refuse(GpuDevice device) => (Cuda, device.ComputeCapability) switch
    {
        (true, 0) => $"needs CUDA; {device.Id} is not a CUDA device",
        (_, var capability) when capability < MinimumCapability => $"needs capability {Dotted(MinimumCapability)}; {device.Id} has {Dotted(capability)}",
        (_, var capability) when MaximumCapability > 0 && capability > MaximumCapability => $"needs capability {Dotted(MaximumCapability)} exactly; {device.Id} has {Dotted(capability)}",
        _ => null,
    };

    private static string Dotted(int capability) => $"{capability / 10}.{capability % 10}";
}
