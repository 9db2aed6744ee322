using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>The device list, and opening devices by name.</summary>
public sealed class DeviceListingTests
{
    [Fact]
    public void TheProcessorIsListedAndEveryLibraryIsFoundOrMissing()
    {
        DeviceList list = Device.List();
        Assert.Equal(("cpu", "CPU"), (list.Devices[0].Id, list.Devices[0].Kind));
        foreach (string name in new[] { "CUDA driver", "NVRTC", "cuBLASLt", "OpenCL loader", "NCCL", "Open MPI" })
            Assert.Contains(list.Libraries, library => library.Name == name && (library.Problem is not null || library.Path is not null));
    }

    [Theory]
    [InlineData("gpu:0")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:0:1")]
    [InlineData("opencl:x")]
    [InlineData("cpu")]
    [InlineData("")]
    public void WhatIsNotAGpuIsRefusedWithTheNamesThatThereAre(string id) =>
        Assert.StartsWith($"'{id}' is not a GPU. GPUs are called cuda:0", Assert.Throws<ArgumentException>(() => GpuDevice.Open(id)).Message);

    [Theory]
    [InlineData("cuda", "cuda", 0)]
    [InlineData("cuda:12", "cuda", 12)]
    [InlineData("opencl:1", "opencl", 1)]
    public void ANameHasAKindAndANumber(string id, string kind, int index) => Assert.Equal((kind, index), DeviceName.Parse(id));
}
