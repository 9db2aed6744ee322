using System.Globalization;
using System.Text.RegularExpressions;
using ModelDsl.Gpu.Cuda;

namespace ModelDsl.Gpu.Tests;

/// <summary>The assembler's output for Hopper's attention kernels, and conditions that would silently stop or slow them.</summary>
public sealed class HopperKernelsTests
{
    public static TheoryData<string> Variants => [.. HopperAttention.Variants.Select(Name)];

    [LibraryTheory(TestLibraries.Nvrtc12)]
    [MemberData(nameof(Variants))]
    public void ProductsRunBesideOtherWorkAndRegistersSuffice(string variant)
    {
        KernelSource source = HopperAttention.Variants.Single(source => Name(source) == variant);
        NvrtcJob job = NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc12).Nvrtc, source, 90);
        (_, string log) = job.Run([.. job.Options, "--ptxas-options=-v"], ptx: false);

        // Messages C7508 to C7519: products are serialised, or registers are not moved between warpgroups.
        Assert.DoesNotContain("(C75", log);
        Assert.Contains(" 0 bytes spill stores, 0 bytes spill loads", log);

        // Consumers wait forever for registers that the group was not launched with; setmaxnreg takes multiples of 8.
        int launched = int.Parse(Regex.Match(log, @"Used (\d+) registers").Groups[1].Value, CultureInfo.InvariantCulture);
        int producer = Value(source, "PRODUCER_REGISTERS"), consumer = Value(source, "CONSUMER_REGISTERS"), consumers = Value(source, "WARPGROUPS");
        Assert.InRange(producer, 24, launched);
        Assert.InRange(consumer, launched, 256);
        Assert.Equal((0, 0), (producer % 8, consumer % 8));
        Assert.InRange(producer + consumers * consumer, 0, launched * (consumers + 1));
    }

    private static int Value(KernelSource source, string name) =>
        int.Parse(source.Defines.Single(define => define.Name == name).Value, CultureInfo.InvariantCulture);

    private static string Name(KernelSource source) =>
        $"{Path.GetFileNameWithoutExtension(source.Name)} {string.Join(' ', source.Defines.Select(define => define.Value))}";
}
