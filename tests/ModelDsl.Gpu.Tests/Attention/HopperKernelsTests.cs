using System.Globalization;
using System.Text.RegularExpressions;
using ModelDsl.Gpu.Cuda;

namespace ModelDsl.Gpu.Tests;

/// <summary>What the assembler makes of Hopper's attention kernels.</summary>
public sealed class HopperKernelsTests
{
    public static TheoryData<string> Variants => [.. HopperAttention.Variants.Select(Name)];

    /// <summary>
    /// Messages C7508 to C7519 say that products are put one after another, or registers not moved between warpgroups: a
    /// kernel that is right and slow.
    /// </summary>
    [LibraryTheory(TestLibraries.Nvrtc12)]
    [MemberData(nameof(Variants))]
    public void ProductsRunBesideOtherWork(string variant)
    {
        NvrtcJob job = NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc12).Nvrtc, HopperAttention.Variants.Single(source => Name(source) == variant), 90);
        (_, string log) = job.Run([.. job.Options, "--ptxas-options=-v"], ptx: false);
        Assert.DoesNotContain("(C75", log);
        Assert.Contains(" 0 bytes spill stores, 0 bytes spill loads", log);
    }

    /// <summary>Consumers wait for ever for registers that the group was not launched with.</summary>
    [LibraryTheory(TestLibraries.Nvrtc12)]
    [MemberData(nameof(Variants))]
    public void TheGroupHasTheRegistersThatItsConsumersAskFor(string variant)
    {
        KernelSource source = HopperAttention.Variants.Single(source => Name(source) == variant);
        int Value(string name) => int.Parse(source.Defines.Single(define => define.Name == name).Value, CultureInfo.InvariantCulture);
        NvrtcJob job = NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc12).Nvrtc, source, 90);
        (_, string log) = job.Run([.. job.Options, "--ptxas-options=-v"], ptx: false);
        int launched = int.Parse(Regex.Match(log, @"Used (\d+) registers").Groups[1].Value, CultureInfo.InvariantCulture);
        int producer = Value("PRODUCER_REGISTERS"), consumer = Value("CONSUMER_REGISTERS"), consumers = Value("WARPGROUPS");
        Assert.InRange(producer, 24, launched); // setmaxnreg takes multiples of 8 from 24 to 256
        Assert.InRange(consumer, launched, 256);
        Assert.Equal((0, 0), (producer % 8, consumer % 8));
        Assert.InRange(producer + consumers * consumer, 0, launched * (consumers + 1));
    }

    private static string Name(KernelSource source) =>
        $"{Path.GetFileNameWithoutExtension(source.Name)} {string.Join(' ', source.Defines.Select(define => define.Value))}";
}
