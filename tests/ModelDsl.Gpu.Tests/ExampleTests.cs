using System.Diagnostics;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>The example of a custom kernel, run as a user would.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task AKernelRunsUnchangedOnEveryDeviceHere()
    {
        string[] gpus = [.. Device.List().Devices.Where(device => device.Kind != "CPU").Select(device => device.Id)];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "GpuKernel.dll")]);
        var ended = await ChildProcess.Run(start, TimeSpan.FromMinutes(2));

        Assert.All(gpus, id => Assert.Contains($"{id} ", ended.Output));
        if (gpus.Length == 0)
            Assert.Contains("There is no CUDA and no OpenCL device here", ended.Errors);
        Assert.Equal(gpus.Length == 0 ? 1 : 0, ended.Code);
    }
}
