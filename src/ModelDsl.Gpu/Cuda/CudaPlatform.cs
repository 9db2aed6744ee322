using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>The NVIDIA GPUs of this machine and the libraries that they need.</summary>
public static class CudaPlatform
{
    /// <summary>Lists GPUs and libraries; never throws because something is missing.</summary>
    public static DeviceList List(CudaLibraries? libraries = null)
    {
        libraries ??= CudaLibraries.System;
        List<DeviceInfo> devices = [];
        LibraryInfo driver = Look("CUDA driver", () =>
        {
            CudaDriver found = libraries.Driver;
            string? problem = null;
            try
            {
                devices.AddRange(CudaProperties.All(found).Select(Describe));
            }
            catch (GpuException error)
            {
                problem = error.Message;
            }
            return new("CUDA driver", found.VersionText, found.Path, problem);
        });
        LibraryInfo compiler = Look("NVRTC", () => new("NVRTC", libraries.Nvrtc.VersionText, libraries.Nvrtc.Path, null));
        LibraryInfo products = Look("cuBLASLt", () => new("cuBLASLt", libraries.BlasLt.VersionText, libraries.BlasLt.Path, null));
        return new(devices, [driver, compiler, products]);
    }

    private static DeviceInfo Describe(CudaProperties gpu) => new(
        $"cuda:{gpu.Index}", "CUDA", gpu.Name, gpu.Memory, $"{gpu.ComputeCapability / 10}.{gpu.ComputeCapability % 10}");

    private static LibraryInfo Look(string name, Func<LibraryInfo> look)
    {
        try
        {
            return look();
        }
        catch (Exception error) when (error is NativeLibraryException or GpuException)
        {
            return new(name, null, null, error.Message);
        }
    }
}
