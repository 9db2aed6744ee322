using System.Runtime.InteropServices;

namespace ModelDsl.Gpu.Cuda;

/// <summary>Properties of a GPU that the driver reports without opening it.</summary>
/// <param name="Handle">The driver's CUdevice.</param>
/// <param name="ComputeCapability">90 for 9.0.</param>
/// <param name="MaxLocalMemory">The most bytes of shared memory for a group.</param>
internal sealed unsafe record CudaProperties(
    int Index, int Handle, string Name, long Memory, int ComputeCapability, int Multiprocessors, int MaxGroupSize, long MaxLocalMemory)
{
    /// <exception cref="GpuException">The driver reports an error.</exception>
    public static IReadOnlyList<CudaProperties> All(CudaDriver driver)
    {
        driver.Initialize();
        int count;
        driver.Check(driver.DeviceGetCount(&count), "cuDeviceGetCount");
        return [.. Enumerable.Range(0, count).Select(index => Of(driver, index))];
    }

    private static CudaProperties Of(CudaDriver driver, int index)
    {
        const int NameLength = 256;
        int device;
        driver.Check(driver.DeviceGet(&device, index), "cuDeviceGet");
        byte* name = stackalloc byte[NameLength]; // ends in a zero
        driver.Check(driver.DeviceGetName(name, NameLength, device), "cuDeviceGetName");
        nuint memory;
        driver.Check(driver.DeviceTotalMem(&memory, device), "cuDeviceTotalMem");
        return new(
            index, device, Marshal.PtrToStringUTF8((nint)name)!, (long)memory,
            Attribute(driver, device, CudaDeviceAttribute.ComputeCapabilityMajor) * 10
                + Attribute(driver, device, CudaDeviceAttribute.ComputeCapabilityMinor),
            Attribute(driver, device, CudaDeviceAttribute.MultiprocessorCount),
            Attribute(driver, device, CudaDeviceAttribute.MaxThreadsPerBlock),
            Attribute(driver, device, CudaDeviceAttribute.MaxSharedMemoryPerBlockOptIn));
    }

    private static int Attribute(CudaDriver driver, int device, CudaDeviceAttribute attribute)
    {
        int value;
        driver.Check(driver.DeviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }
}
