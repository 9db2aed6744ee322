using System.Runtime.InteropServices;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// The functions of the CUDA driver API that this library uses, under the symbols that have these signatures: the
/// header's macros turn <c>cuMemAlloc</c> into <c>cuMemAlloc_v2</c>. Each returns a CUresult, 0 for success.
/// </summary>
internal sealed unsafe class CudaDriver
{
    /// <summary>CUDA 11.4, the first with cuGraphInstantiateWithFlags.</summary>
    private const int Oldest = 11_040;

    private readonly NativeLibraryFile _file;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorName, _getErrorString;

    /// <exception cref="NativeLibraryException">The driver is missing or too old.</exception>
    public CudaDriver(NativeLibraryFile file)
    {
        _file = file;
        int version;
        int result = ((delegate* unmanaged<int*, int>)file.Export("cuDriverGetVersion"))(&version);
        if (result != 0)
            throw new NativeLibraryException($"The CUDA driver ({file.Path}) does not tell its version: cuDriverGetVersion returned {result}.");
        Version = version;
        if (version < Oldest)
        {
            throw new NativeLibraryException(
                $"The CUDA driver ({file.Path}) is for CUDA {VersionText}; CUDA {Text(Oldest)} or later is needed. Install a newer driver.");
        }

        _getErrorName = (delegate* unmanaged<int, byte**, int>)file.Export("cuGetErrorName");
        _getErrorString = (delegate* unmanaged<int, byte**, int>)file.Export("cuGetErrorString");
        Init = (delegate* unmanaged<uint, int>)file.Export("cuInit");
        DeviceGetCount = (delegate* unmanaged<int*, int>)file.Export("cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged<int*, int, int>)file.Export("cuDeviceGet");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)file.Export("cuDeviceGetName");
        DeviceTotalMem = (delegate* unmanaged<nuint*, int, int>)file.Export("cuDeviceTotalMem_v2");
        DeviceGetAttribute = (delegate* unmanaged<int*, CudaDeviceAttribute, int, int>)file.Export("cuDeviceGetAttribute");
        DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)file.Export("cuDevicePrimaryCtxRetain");
        DevicePrimaryCtxRelease = (delegate* unmanaged<int, int>)file.Export("cuDevicePrimaryCtxRelease_v2");
        DevicePrimaryCtxReset = (delegate* unmanaged<int, int>)file.Export("cuDevicePrimaryCtxReset_v2");
        CtxSetCurrent = (delegate* unmanaged<nint, int>)file.Export("cuCtxSetCurrent");
        MemGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)file.Export("cuMemGetInfo_v2");
        MemAlloc = (delegate* unmanaged<nuint*, nuint, int>)file.Export("cuMemAlloc_v2");
        MemFree = (delegate* unmanaged<nuint, int>)file.Export("cuMemFree_v2");
        MemHostAlloc = (delegate* unmanaged<void**, nuint, uint, int>)file.Export("cuMemHostAlloc");
        MemFreeHost = (delegate* unmanaged<void*, int>)file.Export("cuMemFreeHost");
        MemcpyHtoDAsync = (delegate* unmanaged<nuint, void*, nuint, nint, int>)file.Export("cuMemcpyHtoDAsync_v2");
        MemcpyDtoHAsync = (delegate* unmanaged<void*, nuint, nuint, nint, int>)file.Export("cuMemcpyDtoHAsync_v2");
        MemcpyDtoDAsync = (delegate* unmanaged<nuint, nuint, nuint, nint, int>)file.Export("cuMemcpyDtoDAsync_v2");
        MemsetD8Async = (delegate* unmanaged<nuint, byte, nuint, nint, int>)file.Export("cuMemsetD8Async");
        StreamCreate = (delegate* unmanaged<nint*, uint, int>)file.Export("cuStreamCreate");
        StreamDestroy = (delegate* unmanaged<nint, int>)file.Export("cuStreamDestroy_v2");
        StreamSynchronize = (delegate* unmanaged<nint, int>)file.Export("cuStreamSynchronize");
        StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)file.Export("cuStreamWaitEvent");
        StreamBeginCapture = (delegate* unmanaged<nint, int, int>)file.Export("cuStreamBeginCapture_v2");
        StreamEndCapture = (delegate* unmanaged<nint, nint*, int>)file.Export("cuStreamEndCapture");
        StreamIsCapturing = (delegate* unmanaged<nint, int*, int>)file.Export("cuStreamIsCapturing");
        EventCreate = (delegate* unmanaged<nint*, uint, int>)file.Export("cuEventCreate");
        EventDestroy = (delegate* unmanaged<nint, int>)file.Export("cuEventDestroy_v2");
        EventRecord = (delegate* unmanaged<nint, nint, int>)file.Export("cuEventRecord");
        EventQuery = (delegate* unmanaged<nint, int>)file.Export("cuEventQuery");
        EventSynchronize = (delegate* unmanaged<nint, int>)file.Export("cuEventSynchronize");
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)file.Export("cuEventElapsedTime");
        GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, int>)file.Export("cuGraphInstantiateWithFlags");
        GraphGetNodes = (delegate* unmanaged<nint, nint*, nuint*, int>)file.Export("cuGraphGetNodes");
        GraphLaunch = (delegate* unmanaged<nint, nint, int>)file.Export("cuGraphLaunch");
        GraphDestroy = (delegate* unmanaged<nint, int>)file.Export("cuGraphDestroy");
        GraphExecDestroy = (delegate* unmanaged<nint, int>)file.Export("cuGraphExecDestroy");
        ModuleLoadData = (delegate* unmanaged<nint*, void*, int>)file.Export("cuModuleLoadData");
        ModuleUnload = (delegate* unmanaged<nint, int>)file.Export("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)file.Export("cuModuleGetFunction");
        FuncGetAttribute = (delegate* unmanaged<int*, CudaFunctionAttribute, nint, int>)file.Export("cuFuncGetAttribute");
        FuncSetAttribute = (delegate* unmanaged<nint, CudaFunctionAttribute, int, int>)file.Export("cuFuncSetAttribute");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)file.Export("cuLaunchKernel");
    }

    /// <summary>The newest CUDA version that the driver supports, 12020 for 12.2.</summary>
    public int Version { get; }

    public string VersionText => Text(Version);

    /// <summary>The file that was loaded.</summary>
    public string Path => _file.Path!;

    public readonly delegate* unmanaged<uint, int> Init;

    public readonly delegate* unmanaged<int*, int> DeviceGetCount;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    public readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMem;
    public readonly delegate* unmanaged<int*, CudaDeviceAttribute, int, int> DeviceGetAttribute;

    public readonly delegate* unmanaged<nint*, int, int> DevicePrimaryCtxRetain;
    public readonly delegate* unmanaged<int, int> DevicePrimaryCtxRelease, DevicePrimaryCtxReset;
    public readonly delegate* unmanaged<nint, int> CtxSetCurrent;

    public readonly delegate* unmanaged<nuint*, nuint*, int> MemGetInfo;
    public readonly delegate* unmanaged<nuint*, nuint, int> MemAlloc;
    public readonly delegate* unmanaged<nuint, int> MemFree;
    public readonly delegate* unmanaged<void**, nuint, uint, int> MemHostAlloc;
    public readonly delegate* unmanaged<void*, int> MemFreeHost;
    public readonly delegate* unmanaged<nuint, void*, nuint, nint, int> MemcpyHtoDAsync;
    public readonly delegate* unmanaged<void*, nuint, nuint, nint, int> MemcpyDtoHAsync;
    public readonly delegate* unmanaged<nuint, nuint, nuint, nint, int> MemcpyDtoDAsync;
    public readonly delegate* unmanaged<nuint, byte, nuint, nint, int> MemsetD8Async;

    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate;
    public readonly delegate* unmanaged<nint, int> StreamDestroy, StreamSynchronize;
    public readonly delegate* unmanaged<nint, nint, uint, int> StreamWaitEvent;
    public readonly delegate* unmanaged<nint, int, int> StreamBeginCapture;
    public readonly delegate* unmanaged<nint, nint*, int> StreamEndCapture;
    public readonly delegate* unmanaged<nint, int*, int> StreamIsCapturing;

    public readonly delegate* unmanaged<nint*, uint, int> EventCreate;
    public readonly delegate* unmanaged<nint, int> EventDestroy, EventQuery, EventSynchronize;
    public readonly delegate* unmanaged<nint, nint, int> EventRecord;
    public readonly delegate* unmanaged<float*, nint, nint, int> EventElapsedTime;

    public readonly delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiate;
    public readonly delegate* unmanaged<nint, nint*, nuint*, int> GraphGetNodes;
    public readonly delegate* unmanaged<nint, nint, int> GraphLaunch;
    public readonly delegate* unmanaged<nint, int> GraphDestroy, GraphExecDestroy;

    public readonly delegate* unmanaged<nint*, void*, int> ModuleLoadData;
    public readonly delegate* unmanaged<nint, int> ModuleUnload;
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public readonly delegate* unmanaged<int*, CudaFunctionAttribute, nint, int> FuncGetAttribute;
    public readonly delegate* unmanaged<nint, CudaFunctionAttribute, int, int> FuncSetAttribute;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;

    /// <summary>"CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device is detected".</summary>
    public string Describe(int result)
    {
        byte* name = null, text = null;
        if (_getErrorName(result, &name) != 0 || name is null)
            return $"unknown error {result}";
        _getErrorString(result, &text);
        return $"{Marshal.PtrToStringUTF8((nint)name)} ({result}): {Marshal.PtrToStringUTF8((nint)text)}";
    }

    /// <summary>Initialises the driver in this process; may be called again.</summary>
    /// <exception cref="GpuException">There is no GPU, or none that this process can use.</exception>
    public void Initialize()
    {
        int result = Init(0);
        if (result == 0)
            return;
        string hint = result == CudaResult.NoDevice
            ? " Is there an NVIDIA GPU, is its kernel module loaded, and are its device files (/dev/nvidia*) visible here?"
            : " The driver's library and its kernel module may be of different versions.";
        throw new GpuException($"cuInit: {Describe(result)}; driver {Path}, for CUDA {VersionText}.{hint}");
    }

    /// <exception cref="GpuException">The call failed. For calls without an open device.</exception>
    public void Check(int result, string call)
    {
        if (result != 0)
            throw new GpuException($"{call}: {Describe(result)}; driver {Path}, for CUDA {VersionText}.");
    }

    /// <summary>"12.2" of 12020.</summary>
    private static string Text(int version) => $"{version / 1000}.{version % 1000 / 10}";
}
