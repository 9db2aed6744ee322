using System.Runtime.InteropServices;

namespace ModelDsl.Gpu.Cuda;

// Constants and structures of NCCL's interface, from its documentation.

internal static class NcclResult
{
    public const int Success = 0, InProgress = 7;
}

internal enum NcclType { Int32 = 2, Int64 = 4, Float16 = 6, Float32 = 7, Float64 = 8, BFloat16 = 9 }

internal enum NcclOperation { Sum, Product, Maximum, Minimum, Average }

/// <summary>ncclUniqueId: opaque; rank 0 creates one, and all ranks of a communicator receive it.</summary>
internal unsafe struct NcclUniqueId
{
    public const int Size = 128;
    public fixed byte Bytes[Size];
}

/// <summary>ncclConfig_t of NCCL 2.17, which later versions accept too and complete with their own defaults.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcclConfig
{
    private const int Undefined = int.MinValue;

    private readonly nuint _size = (nuint)sizeof(NcclConfig);
    private readonly uint _magic = 0xcafebeef;
    private readonly uint _version = 21700;

    /// <summary>0: calls return at once and are polled, so that waiting for a missing rank can be aborted.</summary>
    public int Blocking = Undefined;
    private readonly int _cgaClusterSize = Undefined, _minBlocks = Undefined, _maxBlocks = Undefined;
    private readonly byte* _network = null;
    private readonly int _splitShare = Undefined;

    public NcclConfig() { }
}
