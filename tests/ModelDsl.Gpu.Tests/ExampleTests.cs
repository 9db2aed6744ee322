using System.Diagnostics;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>The example of a user's own kernel, as a user runs it.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task AKernelRunsUnchangedOnEveryDeviceHere()
    {
        string[] gpus = [.. Device.List().Devices.Where(device => device.Kind != "CPU").Select(device => device.Id)];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "GpuKernel.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process program = Process.Start(start)!;
        Task<string> errors = program.StandardError.ReadToEndAsync();
        string output = await program.StandardOutput.ReadToEndAsync();
        await program.WaitForExitAsync();

        Assert.All(gpus, id => Assert.Contains($"{id} ", output));
        if (gpus.Length == 0)
            Assert.Contains("There is no CUDA and no OpenCL device here", await errors);
        Assert.Equal(gpus.Length == 0 ? 1 : 0, program.ExitCode);
    }
}
