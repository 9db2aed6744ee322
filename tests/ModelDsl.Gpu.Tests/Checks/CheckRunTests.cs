using ModelDsl.Gpu.Proof;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>A check reports what a wrong kernel does; the kernels here are copies in host memory.</summary>
public sealed class CheckRunTests
{
    [Fact]
    public void ARightKernelPasses()
    {
        var result = Run((run, x, y) => run.Stream.Copy(y, x, 40));
        Assert.True(result.Passed, result.Problem);
        Assert.Equal(new OutputError("y", 0, 0, 0, result.Outputs[0].Value, result.Outputs[0].Value), result.Outputs[0]);
    }

    [Fact]
    public void AnElementThatIsNotWrittenFails()
    {
        var result = Run((run, x, y) => run.Stream.Copy(y, x, 36));
        Assert.False(result.Passed);
        Assert.Equal((9, double.NaN), (result.Outputs[0].Index, result.Outputs[0].Error));
    }

    [Fact]
    public void AWrongElementIsNamedWithItsErrorAndBound()
    {
        var result = Run((run, x, y) =>
        {
            run.Stream.Copy(y, x, 40);
            run.Stream.Upload<float>(y.Pointer + 12, [100f]);
        });
        Assert.StartsWith("y[3] = 100, reference ", result.Problem);
    }

    [Fact]
    public void AWritePastTheEndFails() =>
        Assert.Contains("past the end of y", Run((run, x, y) => run.Stream.Fill(y, 0, 41)).Failure);

    [Fact]
    public void AWriteBeforeTheBeginningFails() =>
        Assert.Contains("1 bytes before the beginning of y", Run((run, x, y) => run.Stream.Fill(y.Pointer + -1, 0, 41)).Failure);

    [Fact]
    public void AChangedInputFails() =>
        Assert.Contains("changed its input x", Run((run, x, y) => run.Stream.Fill(x, 1, 1)).Failure);

    [Fact]
    public void AnOutputThatIsComparedWithNothingFails() =>
        Assert.Contains("output y with nothing", RunBody(run => _ = run.Output("y", 1)).Failure);

    [Fact]
    public void AnExceptionIsAFailure() =>
        Assert.Equal("NotSupportedException: no kernels", RunBody(run => run.Device.Compile(new KernelSource("a.c", ""))).Failure);

    [Fact]
    public void ALostDeviceIsTold() =>
        Assert.True(RunBody(_ => throw new GpuDeviceLostException("lost")).DeviceLost);

    [Fact]
    public void NumbersFollowFromTheSeedAndTheName()
    {
        double first = 0, second = 0, other = 0;
        RunBody(run => first = run.Random.NextDouble());
        RunBody(run => second = run.Random.NextDouble());
        RunBody(run => other = run.Random.NextDouble(), "other");
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void NeedsAreToldInWords() =>
        Assert.Equal("needs CUDA; host:0 is not a CUDA device", DeviceNeeds.CudaFrom(80).Refuse(new HostDevice()));

    private static CheckResult Run(Action<CheckRun, CheckBuffer, CheckBuffer> kernel) => RunBody(run =>
    {
        var x = run.Normal("x", 10);
        var y = run.Output("y", 10);
        kernel(run, x, y);
        run.Expect(y, x.Values, 0);
    });

    private static CheckResult RunBody(Action<CheckRun> body, string name = "name")
    {
        using var device = new HostDevice();
        return new CheckCase(new ArgumentsCheck(), name, body).Run(device, 1);
    }
}
