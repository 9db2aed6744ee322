using ModelDsl.Runtime.Collectives.Mpi;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Collectives.Tests;

/// <summary>MPI is missing, is another implementation, or did not start the ranks.</summary>
public sealed class MpiLibraryTests
{
    private const string AnyLibrary = "libm.so.6";

    [Fact]
    public void A_missing_MPI_says_where_it_was_looked_for() => Assert.Equal(
        "Open MPI is not installed; looked for /nowhere/libmpi.so.40. Install it, or name its folder in MODELDSL_LIBRARY_PATH.",
        MpiLibrary.ProblemOf(Missing, []));

    [Fact]
    public void MPICH_is_refused_by_name() => Assert.StartsWith(
        $"{AnyLibrary} is an MPI with MPICH's binary interface; Open MPI 4 or 5 (libmpi.so.40) is needed.",
        MpiLibrary.ProblemOf(Missing, ["libnone.so.1", AnyLibrary]));

    [Fact]
    public void A_library_that_is_not_Open_MPI_is_refused() => Assert.Equal(
        $"{AnyLibrary} is not Open MPI (it has no ompi_mpi_comm_world); Open MPI 4 or 5 is needed.",
        MpiLibrary.ProblemOf(NativeLibraryFile.Find("Open MPI", [AnyLibrary]), []));

    [MpiFact]
    public async Task Ranks_without_a_usable_MPI_say_so()
    {
        var folder = Directory.CreateTempSubdirectory("modeldsl-mpi-");
        try
        {
            string library = Path.Combine(folder.FullName, "libmpi.so.40");
            File.Copy(NativeFile(AnyLibrary), library);
            var ended = await Launch.Single([.. Launch.TorchrunVariables(0, 2, 1), ("MODELDSL_LIBRARY_PATH", folder.FullName)], "collectives");
            Assert.NotEqual(0, ended.Code);
            Assert.Contains($"NativeLibraryException: {library} is not Open MPI", ended.All);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [MpiFact]
    public async Task A_launcher_that_MPI_does_not_know_is_named()
    {
        var ended = await Launch.Single(Launch.TorchrunVariables(1, 2, 1), "collectives");
        Assert.NotEqual(0, ended.Code);
        Assert.Contains("RankEnvironmentException: torchrun says rank 1 of 2, MPI says rank 0 of 1. Start the ranks with the mpirun of ", ended.All);
    }

    private static NativeLibraryFile Missing => NativeLibraryFile.Find("Open MPI", ["/nowhere/libmpi.so.40"]);

    /// <summary>The file of a library that this process has loaded.</summary>
    private static string NativeFile(string name) => File.ReadLines("/proc/self/maps")
        .Select(line => line[(line.IndexOf('/') is >= 0 and var path ? path : line.Length)..])
        .First(path => Path.GetFileName(path) == name);
}
