using System.Security.Cryptography;
using System.Text;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>The compilation of one source for one compute capability by one NVRTC.</summary>
internal sealed class NvrtcJob
{
    private const string Dialect = "dialect.h";

    private readonly Nvrtc _nvrtc;
    private readonly KernelSource _source;
    private readonly string _architecture;

    private NvrtcJob(Nvrtc nvrtc, KernelSource source, string architecture)
    {
        _nvrtc = nvrtc;
        _source = source;
        _architecture = architecture;
        Headers = [(Dialect, KernelSource.OwnText(Dialect)), .. source.Headers];
        Options =
        [
            $"--gpu-architecture={architecture}", "--std=c++17",
            .. source.Defines.Select(define => $"--define-macro={define.Name}={define.Value}"),
        ];
        Key = Hash();
    }

    public IReadOnlyList<string> Options { get; }

    /// <summary>SHA-256 of everything that the result depends on, in hexadecimal.</summary>
    public string Key { get; }

    // A GPU that is newer than this NVRTC gets PTX, which its driver compiles.
    private bool IsPtx => _architecture.StartsWith("compute_", StringComparison.Ordinal);

    /// <param name="capability">90 for 9.0.</param>
    /// <exception cref="NativeLibraryException">NVRTC is too old for the source, or too new for the GPU.</exception>
    /// <exception cref="GpuException">The source is for other GPUs.</exception>
    public static NvrtcJob For(Nvrtc nvrtc, KernelSource source, int capability)
    {
        if (source.IsHopper)
        {
            if (capability != 90)
                throw new GpuException($"{source.Name} uses instructions of compute capability 9.0 alone; this GPU has {capability / 10}.{capability % 10}.");
            if (nvrtc.Major < 12)
                throw new NativeLibraryException($"{source.Name} takes NVRTC 12 or later; {nvrtc.Path} is {nvrtc.VersionText}.");
            return new(nvrtc, source, "sm_90a");
        }
        if (nvrtc.Architectures.Contains(capability))
            return new(nvrtc, source, $"sm_{capability}");
        int older = nvrtc.Architectures.LastOrDefault(known => known < capability);
        if (older == 0)
        {
            throw new NativeLibraryException(
                $"NVRTC {nvrtc.VersionText} ({nvrtc.Path}) compiles for compute capability {nvrtc.Architectures[0] / 10}.{nvrtc.Architectures[0] % 10} "
                + $"and later; this GPU has {capability / 10}.{capability % 10}. Install an older NVRTC.");
        }
        return new(nvrtc, source, $"compute_{older}");
    }

    /// <summary>Compiles to a cubin or zero-terminated PTX; the driver loads both.</summary>
    /// <exception cref="KernelCompilationException">The source does not compile; the message has the source line.</exception>
    public byte[] Run() => Run(Options, IsPtx).Image;

    /// <summary>As <see cref="Run()"/>, with other options; also returns the log.</summary>
    public (byte[] Image, string Log) Run(IReadOnlyList<string> options, bool ptx)
    {
        // The header's lines do not count: line 1 is the source's first.
        (byte[]? image, string log) = _nvrtc.Compile(_source.Name, $"#include \"{Dialect}\"\n#line 1\n{_source.Text}", Headers, options, ptx);
        return (image ?? throw CompilerLog.Error(_source, $"{_architecture} (NVRTC {_nvrtc.VersionText})", log), log);
    }

    private IReadOnlyList<(string Name, string Text)> Headers { get; }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in (string[])["1", _nvrtc.VersionText, _source.Name, _source.Text, .. Options, .. Headers.SelectMany(header => new[] { header.Name, header.Text })])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
