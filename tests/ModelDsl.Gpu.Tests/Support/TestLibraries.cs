using System.Runtime.CompilerServices;
using ModelDsl.Gpu.Cuda;

namespace ModelDsl.Gpu.Tests;

/// <summary>
/// NVIDIA's libraries, unpacked by build/install-test-libraries.sh: a folder each in .libraries of the checkout, or
/// in MODELDSL_TEST_LIBRARIES.
/// </summary>
internal static class TestLibraries
{
    public const string Nvrtc11 = "nvrtc-11", Nvrtc12 = "nvrtc-12", Driver = "driver", Nccl = "nccl", CublasLt = "cublaslt";

    public static bool Has(string library) => Directory.Exists(Folder(library));

    public static string Folder(string library) => Path.Combine(Root, library);

    /// <summary>Only these libraries.</summary>
    public static CudaLibraries Only(params string[] libraries) => CudaLibraries.In([.. libraries.Select(Folder)]);

    private static string Root => Environment.GetEnvironmentVariable("MODELDSL_TEST_LIBRARIES") is { Length: > 0 } told
        ? told : Path.Combine(Repository.Folder, ".libraries");

    // The tests' kernels, some compiled by an emulated compiler, stay out of the user's cache.
    [ModuleInitializer]
    internal static void KeepCacheApart()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"modeldsl-gpu-tests-{Environment.ProcessId}");
        Environment.SetEnvironmentVariable("MODELDSL_CACHE", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        };
    }
}

/// <summary>A test that uses unpacked libraries; skipped, with the reason, if they are missing.</summary>
internal sealed class LibraryFactAttribute : FactAttribute
{
    public LibraryFactAttribute(params string[] libraries) => Skip = LibrarySkip.Reason(libraries);
}

/// <inheritdoc cref="LibraryFactAttribute"/>
internal sealed class LibraryTheoryAttribute : TheoryAttribute
{
    public LibraryTheoryAttribute(params string[] libraries) => Skip = LibrarySkip.Reason(libraries);
}

internal static class LibrarySkip
{
    public static string? Reason(string[] libraries) => libraries.FirstOrDefault(library => !TestLibraries.Has(library)) is { } missing
        ? $"{TestLibraries.Folder(missing)} is not there: run {Wanting(missing)}build/install-test-libraries.sh." : null;

    // Large ones are downloaded only on request.
    private static string Wanting(string library) =>
        library is TestLibraries.Nccl or TestLibraries.CublasLt ? $"MODELDSL_TEST_{library.ToUpperInvariant()}=1 " : "";
}
