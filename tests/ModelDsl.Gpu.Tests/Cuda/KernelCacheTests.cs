using ModelDsl.Gpu.Cuda;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>The cache of compiled kernels: intact files are used, damaged ones are compiled again.</summary>
public sealed class KernelCacheTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"modeldsl-cache-{Guid.NewGuid():N}");
    private readonly KernelSource _source = new("fill.c", "KERNEL(fill)(GLOBAL float* x) { x[ELEMENT] = 1; }");

    [LibraryFact(TestLibraries.Nvrtc11)]
    public void ASecondAskingReadsTheFile()
    {
        NvrtcJob job = Job();
        byte[] compiled = new KernelCache(_folder).Get(job);
        string file = Assert.Single(Directory.GetFiles(_folder)); // and no partially written file beside it
        Assert.StartsWith(job.Key, Path.GetFileName(file));
        DateTime written = File.GetLastWriteTimeUtc(file);
        Assert.Equal(compiled, new KernelCache(_folder).Get(job));
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
        Assert.Equal(compiled, job.Run());
    }

    [LibraryTheory(TestLibraries.Nvrtc11)]
    [InlineData("cut short")]
    [InlineData("a bit turned")]
    [InlineData("another file")]
    [InlineData("empty")]
    public void ADamagedFileIsCompiledAgain(string damage)
    {
        NvrtcJob job = Job();
        byte[] compiled = new KernelCache(_folder).Get(job);
        string file = Directory.GetFiles(_folder).Single();
        byte[] good = File.ReadAllBytes(file);
        byte[] bad = damage switch
        {
            "cut short" => good[..^1],
            "a bit turned" => [.. good[..^1], (byte)(good[^1] ^ 1)],
            "another file" => [.. "\u007fELF and more"u8],
            _ => [],
        };
        File.WriteAllBytes(file, bad);
        Assert.Equal(compiled, new KernelCache(_folder).Get(job));
        Assert.Equal(good, File.ReadAllBytes(file));
    }

    [LibraryFact(TestLibraries.Nvrtc11)]
    public void AFolderThatCannotBeMadeCostsOnlyTime()
    {
        File.WriteAllText(_folder, "a file stands where the folder would be");
        Assert.NotEmpty(new KernelCache(Path.Combine(_folder, "kernels")).Get(Job()));
        File.Delete(_folder);
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private NvrtcJob Job() => NvrtcJob.For(TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc, _source, 80);
}
