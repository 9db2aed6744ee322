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

    private static string Name(KernelSource source) =>
        $"{Path.GetFileNameWithoutExtension(source.Name)} {string.Join(' ', source.Defines.Select(define => define.Value))}";
}
