using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelDsl.Gpu.OpenCl;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>Faults of the loader and driver, injected by replacing functions in the loader's table.</summary>
public sealed unsafe class OpenClDriverFaultTests
{
    private static delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> s_getDeviceInfo;

    [Fact]
    public void AMissingLoaderSaysWhereItWasLookedFor()
    {
        NativeLibraryFile file = OpenClLibrary.FindIn([], ["libno-such-opencl.so.1"]);
        Assert.False(file.IsFound);
        string message = Assert.Throws<NativeLibraryException>(() => new OpenClLibrary(file)).Message;
        Assert.StartsWith("OpenCL loader is not installed; looked for ", message);
        Assert.Contains("libno-such-opencl.so.1", message);
    }

    [OpenClFact]
    public void ALoaderWithoutDriversSaysSo()
    {
        OpenClLibrary library = OwnTable();
        library.GetPlatformIds = &NoPlatforms;
        DeviceList list = OpenClPlatform.List(library, "libOpenCL.so.1");
        Assert.Empty(list.Devices);
        Assert.Contains("no driver is registered", Assert.Single(list.Libraries).Problem);
        Assert.Equal("There is no opencl:0: no OpenCL driver with a device is installed.", Assert.Throws<GpuException>(() => OpenClDevice.Open(library, 0)).Message);
    }

    [OpenClFact]
    public void ADeviceWithoutSharedMemoryIsListedWithThatAndDoesNotOpen()
    {
        OpenClLibrary library = OwnTable();
        s_getDeviceInfo = library.GetDeviceInfo;
        library.GetDeviceInfo = &WithoutSharedMemory;
        Assert.All(OpenClPlatform.List(library, null).Devices, device => Assert.Contains("no coarse-grained shared virtual memory", device.Problem));
        Assert.Contains("cannot be used: its driver has no coarse-grained", Assert.Throws<GpuException>(() => OpenClDevice.Open(library, 0)).Message);
    }

    [OpenClFact]
    public void AFailedLaunchNamesCallDeviceKernelAndShape()
    {
        OpenClLibrary library = OwnTable();
        library.EnqueueKernel = &NoLaunch;
        using OpenClDevice device = OpenClDevice.Open(library, 0);
        using GpuMemory x = device.Allocate(4);
        GpuKernel kernel = device.Compile(new KernelSource("set.c", "KERNEL(set)(GLOBAL int* x) { x[0] = 1; }"))["set"];
        Assert.Equal(
            $"clEnqueueNDRangeKernel on {device}, set of set.c, 2 x 1 x 1 groups of 32 x 1 x 1: CL_OUT_OF_RESOURCES (-5).",
            Assert.Throws<GpuException>(() => kernel.Launch(device.DefaultStream, new(2, 32), x)).Message);
    }

    [OpenClFact]
    public void FailedWorkLosesTheDeviceAndEveryLaterCallSaysWhy()
    {
        OpenClLibrary library = OwnTable();
        using (OpenClDevice device = OpenClDevice.Open(library, 0))
        {
            library.Finish = &NoResources;
            string message = Assert.Throws<GpuDeviceLostException>(device.DefaultStream.Synchronize).Message;
            Assert.Contains("work on it failed, clFinish: CL_OUT_OF_RESOURCES (-5)", message);
            Assert.Equal(message, Assert.Throws<GpuDeviceLostException>(() => device.Allocate(1)).Message);
            Assert.Equal(message, Assert.Throws<GpuDeviceLostException>(() => device.CreateStream()).Message);
            Assert.Equal(message, Assert.Throws<GpuDeviceLostException>(() => device.DefaultStream.Fill(new(256), 0, 4)).Message);
        }
        using OpenClDevice again = OpenClDevice.Open();
        again.DefaultStream.Synchronize();
    }

    [Theory]
    [InlineData(-5, "CL_OUT_OF_RESOURCES (-5)")]
    [InlineData(-1001, "CL_PLATFORM_NOT_FOUND_KHR (-1001)")]
    [InlineData(-9999, "an unknown code (-9999)")]
    public void CodesHaveNames(int code, string name) => Assert.Equal(name, OpenClStatus.Name(code));

    private static OpenClLibrary OwnTable() => new(OpenClLibrary.SystemFile);

    [UnmanagedCallersOnly]
    private static int NoPlatforms(uint entries, nint* platforms, uint* count) => OpenClStatus.PlatformNotFound;

    [UnmanagedCallersOnly]
    private static int WithoutSharedMemory(nint device, uint parameter, nuint size, void* value, nuint* needed) =>
        parameter == 0x1053 ? -30 : s_getDeviceInfo(device, parameter, size, value, needed);

    [UnmanagedCallersOnly]
    private static int NoResources(nint queue) => -5;

    [UnmanagedCallersOnly]
    private static int NoLaunch(nint queue, nint kernel, uint dimensions, nuint* offset, nuint* threads, nuint* sizes, uint waits, nint* events, nint* mark) => -5;
}
