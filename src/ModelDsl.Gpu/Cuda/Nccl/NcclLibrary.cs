using System.Runtime.InteropServices;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>The functions of NCCL that this library uses. Each returns an ncclResult_t, 0 for success.</summary>
internal sealed unsafe class NcclLibrary
{
    /// <summary>The first with the configuration of <see cref="NcclConfig"/>.</summary>
    private const int Oldest = 2_17_00;

    private readonly delegate* unmanaged<int, byte*> _errorString;
    private readonly delegate* unmanaged<nint, byte*> _lastError;

    /// <exception cref="NativeLibraryException">The library is missing, too old, or of another major version.</exception>
    public NcclLibrary(CudaLibraries libraries)
    {
        NativeLibraryFile file = libraries.Find("NCCL", ["libnccl.so.2"]);
        int version;
        int result = ((delegate* unmanaged<int*, int>)file.Export("ncclGetVersion"))(&version);
        Path = file.Path!;
        if (result != NcclResult.Success)
            throw new NativeLibraryException($"NCCL ({Path}) does not tell its version: ncclGetVersion returned {result}.");
        Version = version;
        if (version < Oldest || version >= 3_00_00)
            throw new NativeLibraryException($"NCCL ({Path}) is version {VersionText}; 2.17 or a later 2 is needed.");

        _errorString = (delegate* unmanaged<int, byte*>)file.Export("ncclGetErrorString");
        _lastError = (delegate* unmanaged<nint, byte*>)file.Export("ncclGetLastError");
        GetUniqueId = (delegate* unmanaged<NcclUniqueId*, int>)file.Export("ncclGetUniqueId");
        CommInitRankConfig = (delegate* unmanaged<nint*, int, NcclUniqueId, int, NcclConfig*, int>)file.Export("ncclCommInitRankConfig");
        CommGetAsyncError = (delegate* unmanaged<nint, int*, int>)file.Export("ncclCommGetAsyncError");
        CommFinalize = (delegate* unmanaged<nint, int>)file.Export("ncclCommFinalize");
        CommDestroy = (delegate* unmanaged<nint, int>)file.Export("ncclCommDestroy");
        CommAbort = (delegate* unmanaged<nint, int>)file.Export("ncclCommAbort");
        AllReduce = (delegate* unmanaged<void*, void*, nuint, NcclType, NcclOperation, nint, nint, int>)file.Export("ncclAllReduce");
        ReduceScatter = (delegate* unmanaged<void*, void*, nuint, NcclType, NcclOperation, nint, nint, int>)file.Export("ncclReduceScatter");
        AllGather = (delegate* unmanaged<void*, void*, nuint, NcclType, nint, nint, int>)file.Export("ncclAllGather");
        Broadcast = (delegate* unmanaged<void*, void*, nuint, NcclType, int, nint, nint, int>)file.Export("ncclBroadcast");
        Send = (delegate* unmanaged<void*, nuint, NcclType, int, nint, nint, int>)file.Export("ncclSend");
        Receive = (delegate* unmanaged<void*, nuint, NcclType, int, nint, nint, int>)file.Export("ncclRecv");
        GroupStart = (delegate* unmanaged<int>)file.Export("ncclGroupStart");
        GroupEnd = (delegate* unmanaged<int>)file.Export("ncclGroupEnd");
    }

    /// <summary>22203 for 2.22.3.</summary>
    public int Version { get; }

    public string VersionText => $"{Version / 10_000}.{Version / 100 % 100}.{Version % 100}";

    /// <summary>The file that was loaded.</summary>
    public string Path { get; }

    public readonly delegate* unmanaged<NcclUniqueId*, int> GetUniqueId;
    public readonly delegate* unmanaged<nint*, int, NcclUniqueId, int, NcclConfig*, int> CommInitRankConfig;
    public readonly delegate* unmanaged<nint, int*, int> CommGetAsyncError;
    public readonly delegate* unmanaged<nint, int> CommFinalize, CommDestroy, CommAbort;

    /// <summary>source, destination, count, type, operation, communicator, stream.</summary>
    public readonly delegate* unmanaged<void*, void*, nuint, NcclType, NcclOperation, nint, nint, int> AllReduce, ReduceScatter;
    public readonly delegate* unmanaged<void*, void*, nuint, NcclType, nint, nint, int> AllGather;
    public readonly delegate* unmanaged<void*, void*, nuint, NcclType, int, nint, nint, int> Broadcast;
    public readonly delegate* unmanaged<void*, nuint, NcclType, int, nint, nint, int> Send, Receive;
    public readonly delegate* unmanaged<int> GroupStart, GroupEnd;

    /// <summary>The library's row in the device list; never throws.</summary>
    public static LibraryInfo Describe(CudaLibraries libraries)
    {
        try
        {
            var library = new NcclLibrary(libraries);
            return new("NCCL", library.VersionText, library.Path, null);
        }
        catch (NativeLibraryException error)
        {
            return new("NCCL", null, null, error.Message);
        }
    }

    /// <summary>"unhandled cuda error (1): Cuda failure 'out of memory'".</summary>
    /// <param name="communicator">0 if there is none yet.</param>
    public string Describe(int result, nint communicator)
    {
        string? last = Marshal.PtrToStringUTF8((nint)_lastError(communicator))?.Trim();
        string words = $"{Marshal.PtrToStringUTF8((nint)_errorString(result))} ({result})";
        return string.IsNullOrEmpty(last) ? words : $"{words}: {last}";
    }

    /// <exception cref="GpuException">NCCL finds no usable network.</exception>
    public byte[] CreateUniqueId()
    {
        NcclUniqueId id;
        int result = GetUniqueId(&id);
        return result == NcclResult.Success
            ? new ReadOnlySpan<byte>(&id, NcclUniqueId.Size).ToArray()
            : throw new GpuException($"ncclGetUniqueId: {Describe(result, 0)}. NCCL_DEBUG=INFO shows more.");
    }
}
