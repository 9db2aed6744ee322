using System.Runtime.InteropServices;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Runtime.Collectives.Mpi;

/// <summary>
/// Open MPI 4 or 5, whose communicators and types are pointers to exported objects. MPICH and its kin have numbers there
/// and are refused. Names and types follow the MPI standard 3.1.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    public const int ThreadSerialized = 2;
    private const int MaxText = 8192; // more than MPI_MAX_LIBRARY_VERSION_STRING and MPI_MAX_ERROR_STRING

    private static readonly string[] s_folders =
    [
        "/usr/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu/openmpi/lib", "/usr/lib/aarch64-linux-gnu/openmpi/lib",
        "/usr/lib64/openmpi/lib", "/opt/openmpi/lib", "/usr/local/lib", "/opt/hpcx/ompi/lib",
    ];

    private static readonly Lazy<NativeLibraryFile> s_file =
        new(() => NativeLibraryFile.Find("Open MPI", ["libmpi.so.40", "libmpi.40.dylib"], s_folders));

    public readonly nint World, Byte;
    private readonly nint _errorsReturn;

    public readonly delegate* unmanaged<int*, byte***, int, int*, int> InitThread;
    public readonly delegate* unmanaged<int*, int> Initialized, Finalized, QueryThread;
    public readonly delegate* unmanaged<int> Finalize_;
    public readonly delegate* unmanaged<nint, int*, int> CommRank, CommSize;
    public readonly delegate* unmanaged<nint, nint*, int> CommDup;
    public readonly delegate* unmanaged<nint*, int> CommFree;
    public readonly delegate* unmanaged<void*, int, nint, int, nint, int> Bcast;
    public readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int> Iallgather;
    public readonly delegate* unmanaged<void*, int, nint, int, nint, nint*, int> Ibcast;
    public readonly delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> Isend, Irecv;
    public readonly delegate* unmanaged<int, nint*, int*, void*, int> Testall;
    public readonly delegate* unmanaged<void*, nint, int*, int> GetCount;
    private readonly delegate* unmanaged<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged<int, byte*, int*, int> _errorString;
    private readonly delegate* unmanaged<byte*, int*, int> _version;

    /// <exception cref="NativeLibraryException">It is missing, or is no Open MPI.</exception>
    public MpiLibrary()
    {
        if (Problem is { } problem)
            throw new NativeLibraryException(problem);
        var file = s_file.Value;
        World = file.Export("ompi_mpi_comm_world");
        Byte = file.Export("ompi_mpi_byte");
        _errorsReturn = file.Export("ompi_mpi_errors_return");
        InitThread = (delegate* unmanaged<int*, byte***, int, int*, int>)file.Export("MPI_Init_thread");
        Initialized = (delegate* unmanaged<int*, int>)file.Export("MPI_Initialized");
        Finalized = (delegate* unmanaged<int*, int>)file.Export("MPI_Finalized");
        QueryThread = (delegate* unmanaged<int*, int>)file.Export("MPI_Query_thread");
        Finalize_ = (delegate* unmanaged<int>)file.Export("MPI_Finalize");
        CommRank = (delegate* unmanaged<nint, int*, int>)file.Export("MPI_Comm_rank");
        CommSize = (delegate* unmanaged<nint, int*, int>)file.Export("MPI_Comm_size");
        CommDup = (delegate* unmanaged<nint, nint*, int>)file.Export("MPI_Comm_dup");
        CommFree = (delegate* unmanaged<nint*, int>)file.Export("MPI_Comm_free");
        Bcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)file.Export("MPI_Bcast");
        Iallgather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int>)file.Export("MPI_Iallgather");
        Ibcast = (delegate* unmanaged<void*, int, nint, int, nint, nint*, int>)file.Export("MPI_Ibcast");
        Isend = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)file.Export("MPI_Isend");
        Irecv = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)file.Export("MPI_Irecv");
        Testall = (delegate* unmanaged<int, nint*, int*, void*, int>)file.Export("MPI_Testall");
        GetCount = (delegate* unmanaged<void*, nint, int*, int>)file.Export("MPI_Get_count");
        _setErrorHandler = (delegate* unmanaged<nint, nint, int>)file.Export("MPI_Comm_set_errhandler");
        _errorString = (delegate* unmanaged<int, byte*, int*, int>)file.Export("MPI_Error_string");
        _version = (delegate* unmanaged<byte*, int*, int>)file.Export("MPI_Get_library_version");
    }

    /// <summary>Where it was found.</summary>
    public static string? Path => s_file.Value.Path;

    /// <summary>Why it cannot be used; null where it can.</summary>
    public static string? Problem => ProblemOf(s_file.Value, ["libmpi.so.12", "libmpich.so.12", "libmpich.so"]);

    /// <summary>What the library says of itself: "4.1.4".</summary>
    public string Version
    {
        get
        {
            byte* text = stackalloc byte[MaxText];
            int length;
            return _version(text, &length) == 0 ? Marshal.PtrToStringUTF8((nint)text, length).Split(',')[0].Replace("Open MPI v", "") : "of unknown version";
        }
    }

    /// <summary>Errors of this communicator come back as codes and do not end the process.</summary>
    public int ReturnErrors(nint communicator) => _setErrorHandler(communicator, _errorsReturn);

    /// <summary>The library's words for a code.</summary>
    public string Describe(int code)
    {
        byte* text = stackalloc byte[MaxText];
        int length;
        return _errorString(code, text, &length) == 0 ? Marshal.PtrToStringUTF8((nint)text, length) : $"error {code}";
    }

    /// <param name="others">Names under which MPICH and its kin are found; looked for only where Open MPI is not there.</param>
    internal static string? ProblemOf(NativeLibraryFile file, IEnumerable<string> others)
    {
        if (file.IsFound)
            return file.ExportOrZero("ompi_mpi_comm_world") != 0 ? null
                : $"{file.Path} is not Open MPI (it has no ompi_mpi_comm_world); Open MPI 4 or 5 is needed.";
        foreach (string other in others)
            if (NativeLibrary.TryLoad(other, out nint handle))
            {
                NativeLibrary.Free(handle);
                return $"{other} is an MPI with MPICH's binary interface; Open MPI 4 or 5 (libmpi.so.40) is needed. {file.Missing}";
            }
        return file.Missing;
    }
}
