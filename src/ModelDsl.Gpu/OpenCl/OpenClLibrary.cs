using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>
/// The functions of the OpenCL ICD loader (Khronos, The OpenCL Specification, version 2.0 and later), which passes each
/// call to the vendor's driver.
/// </summary>
internal sealed unsafe class OpenClLibrary
{
    private static readonly Lazy<NativeLibraryFile> s_file = new(() => FindIn([]));
    private static readonly Lazy<OpenClLibrary> s_system = new(() => new(s_file.Value));

    /// <summary>The loader's file on the system's search path, found or not.</summary>
    public static NativeLibraryFile SystemFile => s_file.Value;

    /// <exception cref="NativeLibraryException">There is no loader, or it is older than OpenCL 2.0.</exception>
    public static OpenClLibrary System => s_system.Value;

    /// <param name="fileNames">Names other than the platform's.</param>
    public static NativeLibraryFile FindIn(IReadOnlyList<string> folders, IReadOnlyList<string>? fileNames = null) =>
        NativeLibraryFile.Find("OpenCL loader", fileNames ?? Names, folders);

    private static string[] Names =>
        OperatingSystem.IsWindows() ? ["OpenCL.dll"]
        : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL", "libOpenCL.dylib"]
        : ["libOpenCL.so.1", "libOpenCL.so"];

    public OpenClLibrary(NativeLibraryFile file)
    {
        GetPlatformIds = (delegate* unmanaged<uint, nint*, uint*, int>)file.Export("clGetPlatformIDs");
        GetPlatformInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)file.Export("clGetPlatformInfo");
        GetDeviceIds = (delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)file.Export("clGetDeviceIDs");
        GetDeviceInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)file.Export("clGetDeviceInfo");
        CreateContext = (delegate* unmanaged<nint*, uint, nint*, nint, nint, int*, nint>)file.Export("clCreateContext");
        ReleaseContext = (delegate* unmanaged<nint, int>)file.Export("clReleaseContext");
        CreateQueue = (delegate* unmanaged<nint, nint, ulong*, int*, nint>)file.Export("clCreateCommandQueueWithProperties");
        ReleaseQueue = (delegate* unmanaged<nint, int>)file.Export("clReleaseCommandQueue");
        Flush = (delegate* unmanaged<nint, int>)file.Export("clFlush");
        Finish = (delegate* unmanaged<nint, int>)file.Export("clFinish");
        SvmAlloc = (delegate* unmanaged<nint, ulong, nuint, uint, nint>)file.Export("clSVMAlloc");
        SvmFree = (delegate* unmanaged<nint, nint, void>)file.Export("clSVMFree");
        EnqueueSvmMemcpy = (delegate* unmanaged<nint, uint, void*, void*, nuint, uint, nint*, nint*, int>)file.Export("clEnqueueSVMMemcpy");
        EnqueueSvmMemFill = (delegate* unmanaged<nint, void*, void*, nuint, nuint, uint, nint*, nint*, int>)file.Export("clEnqueueSVMMemFill");
        EnqueueMarker = (delegate* unmanaged<nint, uint, nint*, nint*, int>)file.Export("clEnqueueMarkerWithWaitList");
        EnqueueBarrier = (delegate* unmanaged<nint, uint, nint*, nint*, int>)file.Export("clEnqueueBarrierWithWaitList");
        WaitForEvents = (delegate* unmanaged<uint, nint*, int>)file.Export("clWaitForEvents");
        GetEventProfilingInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)file.Export("clGetEventProfilingInfo");
        ReleaseEvent = (delegate* unmanaged<nint, int>)file.Export("clReleaseEvent");
        CreateProgram = (delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint>)file.Export("clCreateProgramWithSource");
        BuildProgram = (delegate* unmanaged<nint, uint, nint*, byte*, nint, nint, int>)file.Export("clBuildProgram");
        GetProgramBuildInfo = (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)file.Export("clGetProgramBuildInfo");
        ReleaseProgram = (delegate* unmanaged<nint, int>)file.Export("clReleaseProgram");
        CreateKernel = (delegate* unmanaged<nint, byte*, int*, nint>)file.Export("clCreateKernel");
        GetKernelWorkGroupInfo = (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)file.Export("clGetKernelWorkGroupInfo");
        ReleaseKernel = (delegate* unmanaged<nint, int>)file.Export("clReleaseKernel");
        SetKernelArg = (delegate* unmanaged<nint, uint, nuint, void*, int>)file.Export("clSetKernelArg");
        SetKernelArgSvmPointer = (delegate* unmanaged<nint, uint, nuint, int>)file.Export("clSetKernelArgSVMPointer");
        EnqueueKernel = (delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int>)file.Export("clEnqueueNDRangeKernel");
    }

    // Not readonly: tests of faults replace functions in a table of their own.
    public delegate* unmanaged<uint, nint*, uint*, int> GetPlatformIds;
    public delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetPlatformInfo;
    public delegate* unmanaged<nint, ulong, uint, nint*, uint*, int> GetDeviceIds;
    public delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetDeviceInfo;

    public delegate* unmanaged<nint*, uint, nint*, nint, nint, int*, nint> CreateContext;
    public delegate* unmanaged<nint, int> ReleaseContext;
    public delegate* unmanaged<nint, nint, ulong*, int*, nint> CreateQueue;
    public delegate* unmanaged<nint, int> ReleaseQueue, Flush, Finish;

    public delegate* unmanaged<nint, ulong, nuint, uint, nint> SvmAlloc;
    public delegate* unmanaged<nint, nint, void> SvmFree;
    /// <summary>queue, blocking, destination, source, bytes, wait list, event.</summary>
    public delegate* unmanaged<nint, uint, void*, void*, nuint, uint, nint*, nint*, int> EnqueueSvmMemcpy;
    /// <summary>queue, destination, pattern, bytes of the pattern, bytes, wait list, event.</summary>
    public delegate* unmanaged<nint, void*, void*, nuint, nuint, uint, nint*, nint*, int> EnqueueSvmMemFill;

    public delegate* unmanaged<nint, uint, nint*, nint*, int> EnqueueMarker, EnqueueBarrier;
    public delegate* unmanaged<uint, nint*, int> WaitForEvents;
    public delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetEventProfilingInfo;
    public delegate* unmanaged<nint, int> ReleaseEvent;

    public delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint> CreateProgram;
    public delegate* unmanaged<nint, uint, nint*, byte*, nint, nint, int> BuildProgram;
    public delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int> GetProgramBuildInfo;
    public delegate* unmanaged<nint, int> ReleaseProgram;

    public delegate* unmanaged<nint, byte*, int*, nint> CreateKernel;
    public delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int> GetKernelWorkGroupInfo;
    public delegate* unmanaged<nint, int> ReleaseKernel;
    public delegate* unmanaged<nint, uint, nuint, void*, int> SetKernelArg;
    public delegate* unmanaged<nint, uint, nuint, int> SetKernelArgSvmPointer;
    /// <summary>queue, kernel, dimensions, offset, threads, threads of a group, wait list, event.</summary>
    public delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int> EnqueueKernel;
}
