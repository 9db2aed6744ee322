using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>The source of NVIDIA's libraries: the system's folders, or only the given ones.</summary>
/// <remarks>Each library is looked up once, at its first use; a missing one is an error then.</remarks>
public sealed class CudaLibraries
{
    private readonly IReadOnlyList<string>? _only;
    private readonly Lazy<CudaDriver> _driver;
    private readonly Lazy<Nvrtc> _nvrtc;
    private readonly Lazy<CudaBlasLt> _blasLt;

    private CudaLibraries(IReadOnlyList<string>? only)
    {
        _only = only;
        _driver = new(() => new CudaDriver(Find("CUDA driver", DriverNames)), LazyThreadSafetyMode.ExecutionAndPublication);
        _nvrtc = new(() => new Nvrtc(FindForDriver("NVRTC", Nvrtc.Files)), LazyThreadSafetyMode.ExecutionAndPublication);
        _blasLt = new(() => new CudaBlasLt(FindForDriver("cuBLASLt", CudaBlasLt.Files)), LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <summary>The installed libraries: <see cref="NativeLibraryFile"/>'s order, with <see cref="CudaFolders"/> as known folders.</summary>
    public static CudaLibraries System { get; } = new(null);

    /// <summary>Libraries from these folders only.</summary>
    public static CudaLibraries In(params IReadOnlyList<string> folders) => new(folders);

    /// <exception cref="NativeLibraryException">It is missing or too old.</exception>
    internal CudaDriver Driver => _driver.Value;

    /// <summary>The run-time compiler, of the driver's major version or older.</summary>
    /// <exception cref="NativeLibraryException">It is missing, too old, or newer than the driver.</exception>
    internal Nvrtc Nvrtc => _nvrtc.Value;

    /// <summary>The matrix product library, of the driver's major version or older.</summary>
    /// <exception cref="NativeLibraryException">It is missing, too old, or newer than the driver.</exception>
    internal CudaBlasLt BlasLt => _blasLt.Value;

    /// <summary>Looks up one of NVIDIA's libraries.</summary>
    /// <param name="fileNames">File names, from the preferred version down.</param>
    internal NativeLibraryFile Find(string name, IReadOnlyList<string> fileNames) => _only is null
        ? NativeLibraryFile.Find(name, fileNames, CudaFolders.Known)
        : NativeLibraryFile.Find(name, [.. from folder in _only from file in fileNames select Path.GetFullPath(Path.Combine(folder, file))]);

    private static IReadOnlyList<string> DriverNames => OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"];

    // A driver runs code of libraries of its own major version or an older one.
    private NativeLibraryFile FindForDriver(string name, IReadOnlyList<(int Major, string File)> files)
    {
        int newest = DriverMajor();
        NativeLibraryFile file = Find(name, [.. files.Where(known => known.Major <= newest).Select(known => known.File)]);
        if (!file.IsFound && Find(name, [.. files.Where(known => known.Major > newest).Select(known => known.File)]) is { IsFound: true } newer)
        {
            throw new NativeLibraryException(
                $"{name} ({newer.Path}) is newer than the driver, which is for CUDA {Driver.VersionText} and does not run what it "
                + $"brings. Install {name} of CUDA {newest}, or a newer driver.");
        }
        return file;
    }

    private int DriverMajor()
    {
        try
        {
            return Driver.Version / 1000;
        }
        catch (NativeLibraryException)
        {
            return int.MaxValue; // kernels can be compiled, and libraries listed, without a driver
        }
    }
}
