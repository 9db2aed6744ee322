using System.Runtime.InteropServices;

namespace ModelDsl.Bench.Gemm;

/// <summary>A BLAS library's cblas_sgemm, found by path or name at run time.</summary>
internal sealed unsafe class PeerBlas
{
    private const int RowMajor = 101, NoTranspose = 111, Transpose = 112;

    private static readonly string[] s_known =
    [
        "/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3", "/usr/lib/x86_64-linux-gnu/blis-openmp/libblas.so.3",
        "libmkl_rt.so.2", "libmkl_rt.so",
    ];

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _gemm;

    private PeerBlas(string name, nint library)
    {
        Name = name;
        _gemm = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_sgemm");
    }

    public string Name { get; }

    /// <summary>The named libraries ("none" for none), or those of the usual ones that are installed.</summary>
    public static List<PeerBlas> Load(string[] named)
    {
        var peers = new List<PeerBlas>();
        if (named is ["none"])
            return peers;
        foreach (string path in named.Length > 0 ? named : s_known)
            if (NativeLibrary.TryLoad(path, out nint library))
                peers.Add(new PeerBlas(ShortName(path), library));
            else if (named.Length > 0)
                throw new DllNotFoundException($"The BLAS library '{path}' cannot be loaded.");
        return peers;
    }

    public void Multiply(GemmCase c, GemmOperands operands)
    {
        operands.Next(out float* a, out float* b, out float* result);
        _gemm(
            RowMajor, c.TransposeA ? Transpose : NoTranspose, c.TransposeB ? Transpose : NoTranspose, c.M, c.N, c.K,
            1, a, c.TransposeA ? c.M : c.K, b, c.TransposeB ? c.K : c.N, c.Accumulate ? 1 : 0, result, c.N);
    }

    private static string ShortName(string path) =>
        path.Contains("openblas") ? "OpenBLAS" : path.Contains("blis") ? "BLIS" : path.Contains("mkl") ? "MKL" : Path.GetFileName(path);
}
