using System.Runtime.Intrinsics.X86;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Cpu;

public sealed class CpuInfoTests
{
    [Fact]
    public void SaysWhatTheProcessorIs()
    {
        Assert.NotEmpty(CpuInfo.Name);
        Assert.DoesNotContain('\0', CpuInfo.Name);
        Assert.Equal(Environment.ProcessorCount, CpuInfo.Cores);
        Assert.Equal(Avx2.IsSupported && Fma.IsSupported, CpuInfo.BestIsa >= CpuIsa.Avx2);
    }

    [Fact]
    public void TheDevicesNameHoldsThreadsInstructionSetAndProcessor()
    {
        using var device = new CpuDevice(1);
        Assert.Equal($"CPU, 1 thread, {CpuInfo.BestIsa}, {CpuInfo.Name}", device.Name);
    }

    /// <summary>In operations a second, not in multiples of it: cores do 1e9 to 1e12.</summary>
    [Fact]
    public void ThePeakIsInOperationsASecond() => Assert.InRange(PeakFlops.Measure(1), 1e8, 1e13);
}
