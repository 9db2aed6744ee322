using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.OpenCl;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Gpu;

/// <summary>The devices of this machine: <c>Device.List()</c>.</summary>
public static class DeviceListing
{
    extension(Device)
    {
        /// <summary>
        /// The CPU, the CUDA and the OpenCL devices, with their memory and capability, and the libraries that they need,
        /// found or missing. Never throws because something is missing.
        /// </summary>
        public static DeviceList List()
        {
            DeviceList[] parts = [CudaPlatform.List(), OpenClPlatform.List(), new([], CommunicatorLibraries.List())];
            return new([Processor, .. parts.SelectMany(part => part.Devices)], [.. parts.SelectMany(part => part.Libraries)]);
        }
    }

    private static DeviceInfo Processor => new(
        "cpu", "CPU", CpuInfo.Name, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        $"{CpuInfo.Cores} {(CpuInfo.Cores == 1 ? "processor" : "processors")}, {CpuInfo.BestIsa switch { CpuIsa.Avx512 => "AVX-512", CpuIsa.Avx2 => "AVX2", _ => "portable vectors" }}");
}
