using ModelDsl.Gpu.Cuda;
using ModelDsl.Runtime.Collectives.Mpi;

namespace ModelDsl.Gpu;

/// <summary>The libraries that communicators need: NCCL between GPUs, Open MPI between CPUs.</summary>
public static class CommunicatorLibraries
{
    /// <summary>Lists each library as found, with its version, or missing, with the folders searched; never throws.</summary>
    public static IReadOnlyList<LibraryInfo> List(CudaLibraries? libraries = null) =>
        [NcclLibrary.Describe(libraries ?? CudaLibraries.System), OpenMpi];

    private static LibraryInfo OpenMpi => MpiLibrary.Problem is { } problem
        ? new("Open MPI", null, MpiLibrary.Path, problem)
        : new("Open MPI", new MpiLibrary().Version, MpiLibrary.Path, null);
}
