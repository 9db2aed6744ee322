using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Tests.Emulator;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>Errors name the call, the device and the size; and a broken device can be disposed.</summary>
public sealed class CudaFaultTests : EmulatedDevice
{
    [EmulatorFact]
    public void AnIllegalAddressLosesTheDeviceForGood()
    {
        CudaDevice device = Open();
        var source = new KernelSource("wild.c", "KERNEL(wild)(GLOBAL float* x) { for (int i = 0; i < 1 << 28; i++) x[i] = 1; }");
        GpuStream stream = device.CreateStream();
        GpuMemory memory = device.Allocate(1024), other = device.Allocate(1024);
        PinnedMemory pinned = device.AllocatePinned(16);
        device.Compile(source)["wild"].Launch(stream, new(1, 1), memory);

        string cause = Assert.Throws<GpuDeviceLostException>(stream.Synchronize).Message;
        Assert.Matches(@"^cuStreamSynchronize on cuda:0 \(.+\): CUDA_ERROR_ILLEGAL_ADDRESS \(700\): .+\. A kernel queued before broke", cause);

        // Every later call reports the first cause, and releasing handles reports nothing.
        Assert.Equal(cause, Assert.Throws<GpuDeviceLostException>(() => device.Allocate(1)).Message);
        Assert.Equal(cause, Assert.Throws<GpuDeviceLostException>(() => memory.Read(0, new byte[4])).Message);
        Assert.Equal(cause, Assert.Throws<GpuDeviceLostException>(() => device.Compile(source)).Message);
        Assert.Equal(cause, Assert.Throws<GpuDeviceLostException>(() => device.CreateEvent()).Message);
        memory.Dispose();
        pinned.Dispose();
        stream.Dispose();
        device.Dispose();
        other.Dispose();
        AssertNothingIsLeft();

        using (CudaDevice again = Reopen())
        using (GpuMemory fresh = again.Allocate(16))
            Assert.Equal(new float[4], Read(fresh, 4));
        AssertNothingIsLeft();
    }

    [EmulatorFact]
    public void AFaultThatDisposeMeetsIsKeptForTheNextCall()
    {
        CudaDevice device = Open();
        GpuMemory memory = device.Allocate(1024);
        CudaEmulator.Fail("cuEventRecord", 719);
        memory.Dispose();
        Assert.StartsWith("cuEventRecord on cuda:0", Assert.Throws<GpuDeviceLostException>(() => device.Allocate(1)).Message);
        device.Dispose();
        AssertNothingIsLeft();
    }

    [EmulatorTheory]
    [InlineData("cuMemcpyHtoDAsync_v2", "cuMemcpyHtoDAsync of 256 bytes on cuda:0 (")]
    [InlineData("cuMemcpyDtoHAsync_v2", "cuMemcpyDtoHAsync of 256 bytes on cuda:0 (")]
    [InlineData("cuMemcpyDtoDAsync_v2", "cuMemcpyDtoDAsync of 256 bytes on cuda:0 (")]
    [InlineData("cuMemsetD8Async", "cuMemsetD8Async of 256 bytes on cuda:0 (")]
    [InlineData("cuMemHostAlloc", "cuMemHostAlloc of 256 bytes on cuda:0 (")]
    [InlineData("cuStreamSynchronize", "cuStreamSynchronize on cuda:0 (")]
    [InlineData("cuEventCreate", "cuEventCreate on cuda:0 (")]
    [InlineData("cuEventRecord", "cuEventRecord on cuda:0 (")]
    [InlineData("cuStreamWaitEvent", "cuStreamWaitEvent on cuda:0 (")]
    [InlineData("cuEventSynchronize", "cuEventSynchronize on cuda:0 (")]
    [InlineData("cuEventElapsedTime", "cuEventElapsedTime on cuda:0 (")]
    [InlineData("cuStreamCreate", "cuStreamCreate on cuda:0 (")]
    [InlineData("cuStreamBeginCapture_v2", "cuStreamBeginCapture on cuda:0 (")]
    [InlineData("cuStreamEndCapture", "cuStreamEndCapture on cuda:0 (")]
    [InlineData("cuGraphInstantiateWithFlags", "cuGraphInstantiateWithFlags on cuda:0 (")]
    [InlineData("cuGraphLaunch", "cuGraphLaunch on cuda:0 (")]
    [InlineData("cuModuleLoadData", "cuModuleLoadData of test.c, ")]
    [InlineData("cuLaunchKernel", "cuLaunchKernel of fill(Pointer x, Int32 n), 2 x 1 x 1 groups of 32 x 1 x 1, 0 bytes of shared memory on cuda:0 (")]
    public unsafe void ACallThatFailsIsNamed(string function, string message)
    {
        GpuStream stream = Device.DefaultStream;
        using GpuMemory x = Device.Allocate(256), y = Device.Allocate(256);
        CudaEmulator.Fail(function, 1);
        var error = Assert.Throws<GpuException>(() =>
        {
            byte* bytes = stackalloc byte[256];
            stream.Upload(x, bytes, 256);
            stream.Copy(y, x, 256);
            stream.Fill(y, 1, 256);
            stream.Download(bytes, y, 256);
            stream.Synchronize();
            using PinnedMemory pinned = Device.AllocatePinned(256);
            using GpuEvent first = Device.CreateEvent(), second = Device.CreateEvent();
            stream.Record(first);
            stream.Wait(first);
            stream.Record(second);
            second.Synchronize();
            second.Since(first);
            using CudaStream another = Device.CreateStream();
            using CudaGraph graph = another.Capture(() => another.Fill(x, 1, 256));
            graph.Launch(another);
            Kernel("KERNEL(fill)(GLOBAL float* x, int n) { if (ELEMENT < n) x[ELEMENT] = 1; }").Launch(stream, new(2, 32), x, 64);
        });
        Assert.StartsWith(message, error.Message);
        Assert.EndsWith("): CUDA_ERROR_INVALID_VALUE (1): invalid argument.", error.Message);
    }

    [EmulatorFact]
    public void ADriverThatIsTooOldIsRefused()
    {
        CudaEmulator.Reset(driverVersion: 10020);
        string message = Assert.Throws<NativeLibraryException>(() => Reopen()).Message;
        Assert.Matches(@"^The CUDA driver \(.+libcuda\.so\.1\) is for CUDA 10\.2; CUDA 11\.4 or later is needed\.", message);
    }

    [EmulatorFact]
    public void ACompilerThatIsNewerThanTheDriverIsRefused()
    {
        CudaEmulator.Reset(driverVersion: 11080);
        using (CudaDevice device = Reopen())
        {
            string message = Assert.Throws<NativeLibraryException>(() => device.Compile(new("test.c", "KERNEL(k)(int n) { }"))).Message;
            Assert.Matches(@"^NVRTC \(.+libnvrtc\.so\.12\) is newer than the driver, which is for CUDA 11\.8", message);
        }
        AssertNothingIsLeft();
    }

    [EmulatorFact]
    public void NoGpuIsSaid()
    {
        CudaEmulator.Reset();
        CudaEmulator.SetDevices(0);
        Assert.StartsWith("cuInit: CUDA_ERROR_NO_DEVICE (100): ", Assert.Throws<GpuException>(() => Reopen()).Message);
        DeviceList list = CudaPlatform.List(CudaLibraries.In(CudaEmulator.Folder));
        Assert.Empty(list.Devices);
        Assert.StartsWith("cuInit: CUDA_ERROR_NO_DEVICE", list.Libraries[0].Problem);
    }
}
