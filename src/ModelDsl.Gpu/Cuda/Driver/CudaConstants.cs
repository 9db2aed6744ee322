namespace ModelDsl.Gpu.Cuda;

// Constants of the driver API, from its documentation.

internal enum CudaDeviceAttribute
{
    MaxThreadsPerBlock = 1,
    MaxSharedMemoryPerBlock = 8,
    MultiprocessorCount = 16,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedMemoryPerBlockOptIn = 97,
}

internal enum CudaFunctionAttribute
{
    MaxThreadsPerBlock = 0,
    SharedSizeBytes = 1,
    LocalSizeBytes = 3,
    NumRegs = 4,
    MaxDynamicSharedSizeBytes = 8,
}

internal static class CudaResult
{
    public const int OutOfMemory = 2, Deinitialized = 4, NoDevice = 100, NotFound = 500, NotReady = 600;

    /// <summary>After these every call of the context fails: the device's memory and queues are gone.</summary>
    public static bool LosesContext(int result) => result is
        214 or 220                     // ECC_UNCORRECTABLE, NVLINK_UNCORRECTABLE
        or 700 or 702 or 709 or 710    // ILLEGAL_ADDRESS, LAUNCH_TIMEOUT, CONTEXT_IS_DESTROYED, ASSERT
        or (>= 714 and <= 719) or 721; // HARDWARE_STACK_ERROR to LAUNCH_FAILED, TENSOR_MEMORY_LEAK
}

internal static class CudaFlags
{
    public const uint StreamNonBlocking = 1, EventDefault = 0, EventDisableTiming = 2, HostAllocPortable = 1;

    /// <summary>Calls that allocate memory or load modules are allowed while a stream is captured.</summary>
    public const int CaptureRelaxed = 2;
}
