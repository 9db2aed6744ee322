using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Proof;
using ModelDsl.Gpu.Tests.Emulator;

namespace ModelDsl.Gpu.Tests;

/// <summary>A kernel that breaks the device fails only its own check.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed class CheckSessionTests
{
    [EmulatorFact]
    public void ABrokenDeviceIsOpenedAgain()
    {
        CudaEmulator.Reset();
        using var session = new CheckSession(() => CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder)));
        CheckCase good = new CopiesCheck().Cases(CheckSizes.Quick).First();
        CheckCase bad = good with
        {
            Name = "wild",
            Body = run =>
            {
                var x = run.Output("x", 1);
                run.Device.Compile(new KernelSource("wild.c", "KERNEL(wild)(GLOBAL float* x) { for (int i = 0; i < 1 << 28; i++) x[i] = 1; }"))["wild"].Launch(run.Stream, new(1, 1), x);
                run.Expect(x, [0], 0);
            },
        };
        Assert.True(session.Run(good, 1).Passed);
        CheckResult broken = session.Run(bad, 1);
        Assert.True(broken.DeviceLost);
        Assert.Contains("CUDA_ERROR_ILLEGAL_ADDRESS", broken.Problem);
        Assert.True(session.Run(good, 1).Passed);
    }

    [Fact]
    public void ADeviceThatDoesNotOpenFailsEachCheckWithTheReason()
    {
        using var session = new CheckSession(() => throw new GpuException("there is none"));
        Assert.Equal("the device does not open: there is none", session.Run(new CopiesCheck().Cases(CheckSizes.Quick).First(), 1).Failure);
    }
}
