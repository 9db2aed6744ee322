using ModelDsl.Gpu.Cuda;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>The driver's library without a GPU, and a missing driver.</summary>
public sealed class DriverTests
{
    [Fact]
    public void AMissingDriverSaysWhereItWasLookedFor()
    {
        CudaLibraries none = CudaLibraries.In("/nowhere");
        var error = Assert.Throws<NativeLibraryException>(() => CudaDevice.Open(0, none));
        Assert.StartsWith("CUDA driver is not installed; looked for", error.Message);
        Assert.Contains(Path.GetFullPath(Path.Combine("/nowhere", OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1")), error.Message);

        DeviceList list = CudaPlatform.List(none);
        Assert.Empty(list.Devices);
        Assert.Equal(["CUDA driver", "NVRTC", "cuBLASLt"], list.Libraries.Select(library => library.Name));
        Assert.All(list.Libraries, library => Assert.Contains("/nowhere", library.Problem));
    }

    [LibraryFact(TestLibraries.Driver)]
    public void TheRealDriverWithoutAGpuRefusesInWords()
    {
        if (Directory.Exists("/proc/driver/nvidia"))
            return; // there is a GPU; the proof program checks it
        CudaLibraries libraries = TestLibraries.Only(TestLibraries.Driver);
        var error = Assert.Throws<GpuException>(() => CudaDevice.Open(0, libraries));
        Assert.Matches(@"^cuInit: CUDA_ERROR_\w+ \(\d+\): .+; driver .*libcuda\.so\.1, for CUDA 12\.2\.", error.Message);

        LibraryInfo driver = CudaPlatform.List(libraries).Libraries[0];
        Assert.Equal("12.2", driver.Version);
        Assert.EndsWith("libcuda.so.1", driver.Path);
        Assert.Equal(error.Message, driver.Problem);
    }

    [LibraryFact(TestLibraries.Driver, TestLibraries.Nvrtc11)]
    public void TheCompilerIsOfTheDriversMajorVersionOrOlder()
    {
        Assert.Equal(11, TestLibraries.Only(TestLibraries.Driver, TestLibraries.Nvrtc11).Nvrtc.Major);
        Assert.Equal("11.8", CudaPlatform.List(TestLibraries.Only(TestLibraries.Driver, TestLibraries.Nvrtc11)).Libraries[1].Version);
    }
}
