namespace ModelDsl.Cli.Devices;

/// <summary>How to install a missing library.</summary>
internal static class InstallHints
{
    private static readonly (string Library, string Hint)[] s_hints =
    [
        ("CUDA driver", "It comes with NVIDIA's driver (https://www.nvidia.com/drivers; Debian: nvidia-driver) and is only needed for an NVIDIA GPU."),
        ("NVRTC", "It comes with the CUDA Toolkit (https://developer.nvidia.com/cuda-downloads; Debian: libnvrtc11.2 or libnvrtc12) and compiles kernels for NVIDIA GPUs."),
        ("cuBLASLt", "It comes with the CUDA Toolkit (https://developer.nvidia.com/cuda-downloads; Debian: libcublaslt11 or libcublaslt12) and multiplies matrices on NVIDIA GPUs."),
        ("NCCL", "It is a download of its own (https://developer.nvidia.com/nccl; Debian: libnccl2) and is only needed for several NVIDIA GPUs."),
        ("OpenCL loader", "Debian: ocl-icd-libopencl1, with a driver: rocm-opencl-icd (AMD), intel-opencl-icd (Intel), pocl-opencl-icd (the processor)."),
        ("Open MPI", "Debian: openmpi-bin; only needed for several processes of CPU ranks."),
    ];

    /// <summary>A sentence, or null for a library that needs no hint.</summary>
    internal static string? For(string library) =>
        s_hints.FirstOrDefault(known => library.StartsWith(known.Library, StringComparison.OrdinalIgnoreCase)).Hint;
}
