using Xunit;

namespace ModelDsl.Tests;

/// <summary>Public files that are not part of the repository, in the folder MODELDSL_DATA or else ../shared/data beside the checkout.</summary>
internal static class TestData
{
    /// <summary>Null if the folder does not exist.</summary>
    public static string? Folder { get; } = Find();

    public static string Path(string file) => System.IO.Path.Combine(Folder ?? "", file);

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path(file));

    /// <summary>Why a test of these files is skipped; null if all exist.</summary>
    public static string? Missing(IEnumerable<string> files) =>
        Folder is null ? "The test data are missing: set MODELDSL_DATA, or put them into ../shared/data beside the checkout."
        : files.FirstOrDefault(file => !File.Exists(Path(file))) is { } missing ? $"{Path(missing)} is missing."
        : null;

    private static string? Find()
    {
        string folder = Environment.GetEnvironmentVariable("MODELDSL_DATA") is { Length: > 0 } set
            ? set
            : System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository.Folder, "../shared/data"));
        return Directory.Exists(folder) ? folder : null;
    }
}

/// <summary>A test that reads <see cref="TestData"/>; skipped if they are missing.</summary>
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(params string[] files) => Skip = TestData.Missing(files);
}

/// <summary>As <see cref="DataFactAttribute"/>, with cases.</summary>
internal sealed class DataTheoryAttribute : TheoryAttribute
{
    public DataTheoryAttribute(params string[] files) => Skip = TestData.Missing(files);
}
