using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>The functions of cuBLASLt that this library uses. Each returns a cublasStatus_t, 0 for success.</summary>
internal sealed unsafe class CudaBlasLt
{
    /// <summary>cuBLAS 11.11 of CUDA 11.8, the first with fp8 and with every epilogue of <see cref="MatMulEpilogue"/>.</summary>
    private const int Oldest = 11_11_00;

    private readonly delegate* unmanaged<int, byte*> _statusName;

    /// <exception cref="NativeLibraryException">The library is missing or too old.</exception>
    public CudaBlasLt(NativeLibraryFile file)
    {
        Version = (int)((delegate* unmanaged<nuint>)file.Export("cublasLtGetVersion"))();
        Path = file.Path!;
        if (Version < Oldest)
        {
            throw new NativeLibraryException(
                $"cuBLASLt ({Path}) is version {VersionText}; {Text(Oldest)} (of CUDA 11.8) or later is needed. Install a newer one.");
        }

        _statusName = (delegate* unmanaged<int, byte*>)file.Export("cublasLtGetStatusName");
        Create = (delegate* unmanaged<nint*, int>)file.Export("cublasLtCreate");
        Destroy = (delegate* unmanaged<nint, int>)file.Export("cublasLtDestroy");
        LayoutCreate = (delegate* unmanaged<nint*, BlasLtType, ulong, ulong, long, int>)file.Export("cublasLtMatrixLayoutCreate");
        LayoutDestroy = (delegate* unmanaged<nint, int>)file.Export("cublasLtMatrixLayoutDestroy");
        DescriptionCreate = (delegate* unmanaged<nint*, BlasLtCompute, BlasLtType, int>)file.Export("cublasLtMatmulDescCreate");
        DescriptionDestroy = (delegate* unmanaged<nint, int>)file.Export("cublasLtMatmulDescDestroy");
        DescriptionSet = (delegate* unmanaged<nint, BlasLtAttribute, void*, nuint, int>)file.Export("cublasLtMatmulDescSetAttribute");
        PreferenceCreate = (delegate* unmanaged<nint*, int>)file.Export("cublasLtMatmulPreferenceCreate");
        PreferenceDestroy = (delegate* unmanaged<nint, int>)file.Export("cublasLtMatmulPreferenceDestroy");
        PreferenceSet = (delegate* unmanaged<nint, BlasLtPreference, void*, nuint, int>)file.Export("cublasLtMatmulPreferenceSetAttribute");
        Heuristic = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, BlasLtHeuristic*, int*, int>)file.Export("cublasLtMatmulAlgoGetHeuristic");
        Matmul = (delegate* unmanaged<nint, nint, float*, nuint, nint, nuint, nint, float*, nuint, nint, nuint, nint, BlasLtAlgorithm*, nuint, nuint, nint, int>)file.Export("cublasLtMatmul");
    }

    /// <summary>File names of the known versions, newest first.</summary>
    public static IReadOnlyList<(int Major, string File)> Files { get; } = OperatingSystem.IsWindows()
        ? [(13, "cublasLt64_13.dll"), (12, "cublasLt64_12.dll"), (11, "cublasLt64_11.dll")]
        : [(13, "libcublasLt.so.13"), (12, "libcublasLt.so.12"), (11, "libcublasLt.so.11")];

    /// <summary>120405 for 12.4.5.</summary>
    public int Version { get; }

    public string VersionText => Text(Version);

    /// <summary>The file that was loaded.</summary>
    public string Path { get; }

    public readonly delegate* unmanaged<nint*, int> Create;
    public readonly delegate* unmanaged<nint, int> Destroy;
    public readonly delegate* unmanaged<nint*, BlasLtType, ulong, ulong, long, int> LayoutCreate;
    public readonly delegate* unmanaged<nint, int> LayoutDestroy;
    public readonly delegate* unmanaged<nint*, BlasLtCompute, BlasLtType, int> DescriptionCreate;
    public readonly delegate* unmanaged<nint, int> DescriptionDestroy;
    public readonly delegate* unmanaged<nint, BlasLtAttribute, void*, nuint, int> DescriptionSet;
    public readonly delegate* unmanaged<nint*, int> PreferenceCreate;
    public readonly delegate* unmanaged<nint, int> PreferenceDestroy;
    public readonly delegate* unmanaged<nint, BlasLtPreference, void*, nuint, int> PreferenceSet;

    /// <summary>handle, description, layouts of A, B, C, D, preference, wanted, results, found.</summary>
    public readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, BlasLtHeuristic*, int*, int> Heuristic;

    /// <summary>handle, description, alpha, A and its layout, B, beta, C, D, algorithm, workspace and its bytes, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, float*, nuint, nint, nuint, nint, float*, nuint, nint, nuint, nint, BlasLtAlgorithm*, nuint, nuint, nint, int> Matmul;

    /// <summary>"CUBLAS_STATUS_NOT_SUPPORTED (15)".</summary>
    public string Describe(int status) => $"{Marshal.PtrToStringUTF8((nint)_statusName(status))} ({status})";

    private static string Text(int version) => $"{version / 10_000}.{version / 100 % 100}.{version % 100}";
}

/// <summary>cublasLtMatmulAlgo_t: opaque.</summary>
[InlineArray(8)]
internal struct BlasLtAlgorithm
{
    private ulong _first;
}

/// <summary>cublasLtMatmulHeuristicResult_t.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlasLtHeuristic
{
    public BlasLtAlgorithm Algorithm;
    public nuint WorkspaceBytes;
    public int Status;
    public float Waves;
    private readonly long _reserved0, _reserved1;
}
