using ModelDsl.Gpu.Cuda;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>The real NCCL as far as it works without a GPU, and a missing one.</summary>
public sealed unsafe class NcclTests
{
    [Fact]
    public void AMissingNcclSaysWhereItWasLookedFor()
    {
        CudaLibraries none = CudaLibraries.In("/nowhere");
        var error = Assert.Throws<NativeLibraryException>(() => new NcclLibrary(none));
        Assert.StartsWith("NCCL is not installed; looked for /nowhere/libnccl.so.2.", error.Message);
        Assert.Equal(new("NCCL", null, null, error.Message), CommunicatorLibraries.List(none)[0]);
    }

    [NcclFact]
    public void ItTellsItsVersion()
    {
        var library = new NcclLibrary(TestLibraries.Only(TestLibraries.Nccl));
        Assert.Matches(@"^2\.\d+\.\d+$", library.VersionText);
        LibraryInfo row = CommunicatorLibraries.List(TestLibraries.Only(TestLibraries.Nccl))[0];
        Assert.Equal(new("NCCL", library.VersionText, Path.Combine(TestLibraries.Folder(TestLibraries.Nccl), "libnccl.so.2"), null), row);
    }

    [NcclFact]
    public void EachUniqueIdIsAnother()
    {
        var library = new NcclLibrary(TestLibraries.Only(TestLibraries.Nccl));
        byte[] one = library.CreateUniqueId(), other = library.CreateUniqueId();
        Assert.Equal(NcclUniqueId.Size, one.Length);
        Assert.NotEqual(one, other);
    }

    [NcclFact]
    public void WithoutAGpuACommunicatorIsRefusedInNcclsWords()
    {
        if (Directory.Exists("/proc/driver/nvidia"))
            return; // there is a GPU
        var library = new NcclLibrary(TestLibraries.Only(TestLibraries.Nccl));
        NcclUniqueId id;
        library.CreateUniqueId().CopyTo(new Span<byte>(&id, NcclUniqueId.Size));
        var config = new NcclConfig { Blocking = 0 };
        nint communicator = 0;
        int result = library.CommInitRankConfig(&communicator, 1, id, 0, &config);
        for (int rounds = 0; result is NcclResult.InProgress && rounds < 1000; rounds++)
        {
            Thread.Sleep(10);
            int state;
            Assert.Equal(NcclResult.Success, library.CommGetAsyncError(communicator, &state));
            result = state;
        }
        Assert.Equal(1, result); // ncclUnhandledCudaError
        Assert.Matches(@"^unhandled cuda error \(run with NCCL_DEBUG=INFO for details\) \(1\): .*[Cc]uda", library.Describe(result, communicator));
    }

    [NcclFact]
    public void WrongArgumentsAreRefusedInNcclsWords()
    {
        var library = new NcclLibrary(TestLibraries.Only(TestLibraries.Nccl));
        int result = library.AllReduce(null, null, 1, NcclType.Float32, NcclOperation.Sum, 0, 0);
        Assert.Equal(4, result); // ncclInvalidArgument
        Assert.Contains("(4)", library.Describe(result, 0));
    }
}

/// <summary>A test of the real NCCL; skipped if it is missing, or needs a newer C library than this system's.</summary>
internal sealed class NcclFactAttribute : FactAttribute
{
    public NcclFactAttribute() => Skip = LibrarySkip.Reason([TestLibraries.Nccl])
        ?? (NcclLibrary.Describe(TestLibraries.Only(TestLibraries.Nccl)).Problem is { } problem && problem.Contains("GLIBC_") ? problem : null);
}
