namespace ModelDsl.Gpu.Proof;

/// <summary>The devices that a check or a measurement runs on.</summary>
/// <param name="Cuda">Only NVIDIA's.</param>
/// <param name="MinimumCapability">CUDA's compute capability, 80 for 8.0; 0 means any.</param>
/// <param name="Hopper">Hopper's own instructions (<c>wgmma</c>), see <see cref="GpuDevice.TakesHopperKernels"/>.</param>
public readonly record struct DeviceNeeds(bool Cuda = false, int MinimumCapability = 0, bool Hopper = false)
{
    /// <summary>Any device: a portable kernel.</summary>
    public static DeviceNeeds Any => default;

    /// <summary>A CUDA device of at least this capability.</summary>
    public static DeviceNeeds CudaFrom(int capability) => new(true, capability);

    /// <summary>A device with Hopper's own instructions, and a compiler that supports them.</summary>
    public static DeviceNeeds HopperKernels => new(true, 90, true);

    /// <summary>Why a device is not suitable; null if it is.</summary>
    public string? Refuse(GpuDevice device) => (Cuda, device.ComputeCapability) switch
    {
        (true, 0) => $"needs CUDA; {device.Id} is not a CUDA device",
        (_, var capability) when capability < MinimumCapability => $"needs capability {Dotted(MinimumCapability)}; {device.Id} has {Dotted(capability)}",
        _ when Hopper && !device.TakesHopperKernels => $"needs capability 9.0 exactly and NVRTC 12 or later; {device.Id} has not both",
        _ => null,
    };

    private static string Dotted(int capability) => $"{capability / 10}.{capability % 10}";
}
