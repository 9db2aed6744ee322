using System.Text;
using ModelDsl.Gpu.Cuda;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>The real compiler, which needs no GPU.</summary>
public sealed class NvrtcTests
{
    private static readonly KernelSource s_add = new("add.c", """
        KERNEL(add)(GLOBAL float* x, int n)
        {
            int64 i = ELEMENT;
            if (i < n) x[i] += STEP;
        }
        """, ("STEP", "2.0f"));

    [LibraryTheory(TestLibraries.Nvrtc11)]
    [InlineData(80)]
    [InlineData(90)]
    public void Nvrtc11CompilesACubin(int capability) => AssertCubin(TestLibraries.Nvrtc11, capability);

    [LibraryTheory(TestLibraries.Nvrtc12)]
    [InlineData(80)]
    [InlineData(90)]
    public void Nvrtc12CompilesACubin(int capability) => AssertCubin(TestLibraries.Nvrtc12, capability);

    [LibraryFact(TestLibraries.Nvrtc11)]
    public void AGpuThatIsNewerThanTheCompilerTakesPtx()
    {
        Nvrtc nvrtc = TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc;
        byte[] image = NvrtcJob.For(nvrtc, s_add, 120).Run();
        Assert.Contains($".target sm_{nvrtc.Architectures[^1]}", Encoding.UTF8.GetString(image));
        Assert.Equal(0, image[^1]); // the terminator that the driver needs
    }

    [LibraryFact(TestLibraries.Nvrtc11)]
    public void AGpuThatIsTooOldIsRefused()
    {
        var error = Assert.Throws<NativeLibraryException>(() => NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc, s_add, 30));
        Assert.Contains("this GPU has 3.0", error.Message);
    }

    [LibraryFact(TestLibraries.Nvrtc11)]
    public void AnErrorHasTheSourcesLine()
    {
        var source = new KernelSource("broken.c", """
            KERNEL(broken)(GLOBAL float* x, int n)
            {
                x[0] = unknown + n;
            }
            """, ("SIZE", "64"));
        var error = Assert.Throws<KernelCompilationException>(() => NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc, source, 80).Run());
        Assert.Equal("""
            broken.c -DSIZE=64 does not compile on sm_80 (NVRTC 11.8):
            broken.c(3): identifier "unknown" is undefined
                x[0] = unknown + n;
            """.ReplaceLineEndings("\n"), error.Message);
        Assert.Contains("broken.c(3): error", error.Log);
    }

    [LibraryFact(TestLibraries.Nvrtc11)]
    public void AnErrorOfTheFirstLineIsAtLineOne()
    {
        var error = Assert.Throws<KernelCompilationException>(() =>
            NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc, new("one.cu", "wrong words"), 80).Run());
        Assert.Contains("one.cu(1): ", error.Message);
    }

    [LibraryFact(TestLibraries.Nvrtc11, TestLibraries.Nvrtc12)]
    public void SourcesForHopperTakeNvrtc12AndCapability90()
    {
        var source = new KernelSource("hopper.cu", "#include \"ptx.h\"\n#include \"ptx_hopper.h\"\nKERNEL(wait)(int n) { wgmma_fence(); }");
        byte[] image = NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc12).Nvrtc, source, 90).Run();
        Assert.Equal("\u007fELF"u8, image.AsSpan(0, 4));
        Assert.Contains("takes NVRTC 12 or later", Assert.Throws<NativeLibraryException>(() =>
            NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc, source, 90)).Message);
        Assert.Contains("this GPU has 8.0", Assert.Throws<GpuException>(() =>
            NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc12).Nvrtc, source, 80)).Message);
    }

    [LibraryFact(TestLibraries.Nvrtc11)]
    public void TheKeyDependsOnAllThatIsCompiled()
    {
        Nvrtc nvrtc = TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc;
        string[] keys =
        [
            NvrtcJob.For(nvrtc, s_add, 80).Key,
            NvrtcJob.For(nvrtc, s_add, 90).Key,
            NvrtcJob.For(nvrtc, s_add with { Text = s_add.Text + " " }, 80).Key,
            NvrtcJob.For(nvrtc, s_add with { Name = "add.cu" }, 80).Key,
            NvrtcJob.For(nvrtc, s_add with { Defines = [("STEP", "3.0f")] }, 80).Key,
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], NvrtcJob.For(nvrtc, s_add with { Defines = [("STEP", "2.0f")] }, 80).Key);
    }

    [Fact]
    public void AMissingCompilerSaysWhereItWasLookedFor()
    {
        var error = Assert.Throws<NativeLibraryException>(() => CudaLibraries.In("/nowhere").Nvrtc);
        Assert.StartsWith("NVRTC is not installed; looked for", error.Message);
        Assert.All(Nvrtc.Files, known => Assert.Contains(known.File, error.Message));
    }

    private static void AssertCubin(string library, int capability)
    {
        byte[] image = NvrtcJob.For(TestLibraries.Only(library).Nvrtc, s_add, capability).Run();
        Assert.Equal("\u007fELF"u8, image.AsSpan(0, 4));
        Assert.True(image.AsSpan().IndexOf("add\0"u8) > 0);
    }
}
